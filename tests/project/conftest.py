"""The small site of this folder is a project of its own: copied and run in other processes, never collected."""

collect_ignore_glob = ["site/*"]
