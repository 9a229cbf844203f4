"""Parts of a run: shards that several machines measure, and their records as one."""
