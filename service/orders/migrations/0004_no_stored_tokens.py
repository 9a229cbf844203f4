"""Drops the tokens of earlier versions, which the database held in plain text: callers need new ones.

The app that made the table is no longer installed, so that its own migrations cannot do it.
"""

from django.db import migrations


def drop_tokens(apps, schema_editor):
    schema_editor.execute("DROP TABLE IF EXISTS authtoken_token")
    # An earlier version that comes back makes its table again.
    schema_editor.execute("DELETE FROM django_migrations WHERE app = 'authtoken'")


class Migration(migrations.Migration):
    dependencies = [("orders", "0003_customer_email_any_case")]

    operations = [migrations.RunPython(drop_tokens, migrations.RunPython.noop)]
