import django.db.models.deletion
from django.db import migrations, models

SQLITE = (
    "CREATE TRIGGER note_sale AFTER UPDATE OF stock ON catalogue_book "
    "BEGIN INSERT INTO catalogue_sale (book_id) VALUES (NEW.id); END",
)
POSTGRESQL = (
    "CREATE FUNCTION note_sale() RETURNS trigger LANGUAGE plpgsql AS $$ "
    "BEGIN INSERT INTO catalogue_sale (book_id) VALUES (NEW.id); RETURN NEW; END $$",
    "CREATE TRIGGER note_sale AFTER UPDATE OF stock ON catalogue_book FOR EACH ROW EXECUTE FUNCTION note_sale()",
)


def plant_trigger(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Author",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name="Book",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=100)),
                ("blurb", models.CharField(default="", max_length=200)),
                ("stock", models.IntegerField(default=0)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="books", to="catalogue.author"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Sale",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("book", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="catalogue.book")),
            ],
        ),
        migrations.RunPython(plant_trigger, migrations.RunPython.noop),
    ]
