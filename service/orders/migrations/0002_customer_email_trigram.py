"""On PostgreSQL, two indexes that serve `?email=`; other databases have no such indexes.

They are on the expressions that the ORM emits, so that the planner can use them: of trigrams for `icontains`, and of
what stands before the @, read backwards, for a search that names the @ (see `service/orders/requests/addresses.py`).
The extension stays when the migration is undone: other schemas of the database may use it.
"""

from django.db import migrations

FORWARDS = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX customer_email_trigram ON orders_customer USING gin (UPPER(email::text) gin_trgm_ops)",
    "CREATE INDEX customer_email_before_at ON orders_customer"
    " (UPPER(REVERSE(LEFT(email, STRPOS(email, '@') - 1))::text) text_pattern_ops)",
)
BACKWARDS = (
    "DROP INDEX IF EXISTS customer_email_before_at",
    "DROP INDEX IF EXISTS customer_email_trigram",
)


def on_postgresql(*statements):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement)

    return run


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [migrations.RunPython(on_postgresql(*FORWARDS), on_postgresql(*BACKWARDS))]
