"""Makes addresses unique regardless of case, without keeping anybody from writing meanwhile.

On PostgreSQL the unique index is built concurrently, outside a transaction, before the old constraint goes. Where two
customers differ in capitals alone, the migration stops before it changes anything, and names them.
"""

from django.core.management import CommandError
from django.db import migrations, models
from django.db.models import Count
from django.db.models.functions import Lower

NAME = "customer_email_unique"
CONSTRAINT = models.UniqueConstraint(
    Lower("email"), name=NAME, violation_error_message="A customer with this email already exists."
)
SHOWN = 10


def refuse_twins(apps, schema_editor):
    customers = apps.get_model("orders", "Customer").objects.using(schema_editor.connection.alias)
    twins = customers.values(lowered=Lower("email")).annotate(n=Count("pk")).filter(n__gt=1).order_by("lowered")
    addresses = list(twins.values_list("lowered", flat=True)[: SHOWN + 1])
    if addresses:
        ids = customers.annotate(lowered=Lower("email")).filter(lowered__in=addresses[:SHOWN]).order_by("lowered", "pk")
        shown = ", ".join(f"{email} (id {pk})" for pk, email in ids.values_list("pk", "email"))
        more = ", and more" if len(addresses) > SHOWN else ""
        raise CommandError(
            f"Customers with addresses that differ in capitals alone: {shown}{more}. "
            "Give each an address of its own, then run `manage.py migrate` again; nothing has been changed."
        )


def add_constraint(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        # What an interrupted build leaves is invalid, and in the way.
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")
        schema_editor.execute(f"CREATE UNIQUE INDEX CONCURRENTLY {NAME} ON orders_customer (LOWER(email))")
    else:
        schema_editor.add_constraint(apps.get_model("orders", "Customer"), CONSTRAINT)


def remove_constraint(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")
    else:
        schema_editor.remove_constraint(apps.get_model("orders", "Customer"), CONSTRAINT)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("orders", "0002_customer_email_trigram")]

    operations = [
        migrations.RunPython(refuse_twins, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(add_constraint, remove_constraint)],
            state_operations=[migrations.AddConstraint(model_name="customer", constraint=CONSTRAINT)],
        ),
        migrations.AlterField(model_name="customer", name="email", field=models.EmailField(max_length=254)),
    ]
