"""On PostgreSQL, a trigram index that serves `?email=`; other databases have no such index.

It is on the expression that the ORM emits for `icontains`, so that the planner can use it. The extension stays when
the migration is undone: other schemas of the database may use it.
"""

from django.db import migrations

FORWARDS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX customer_email_trigram ON orders_customer USING gin (UPPER(email::text) gin_trgm_ops)",
)
BACKWARDS = ("DROP INDEX IF EXISTS customer_email_trigram",)


def on_postgresql(*statements):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [migrations.RunPython(on_postgresql(*FORWARDS), on_postgresql(*BACKWARDS))]
