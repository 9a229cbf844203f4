"""The account that a server runs as: who it is, how it is become, and a name for it."""
