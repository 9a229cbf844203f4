"""The index of the parts' names."""

from django.db import migrations


class Migration(migrations.Migration):
    """Makes a virtual table; SQLite adds its shadow tables."""

    dependencies = [("stock", "0001_initial")]

    operations = [migrations.RunSQL("CREATE VIRTUAL TABLE stock_search USING fts5(name)", "DROP TABLE stock_search")]
