"""Reference pages of the docs, generated from what they describe: commands, files, rules and metrics."""
