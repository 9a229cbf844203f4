"""Small projects for tests of the harness: they are copied and run in processes of their own, never collected."""

collect_ignore_glob = ["*/*"]
