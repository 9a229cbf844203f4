"""PostgreSQL under another name."""

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """The connection, as Django's own."""
