"""A database backend of the project's own, as those that count metrics are."""
