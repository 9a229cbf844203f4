"""The peers' own tests run in the peers' environments, never in this project's."""

collect_ignore = ["peers", "shared"]
