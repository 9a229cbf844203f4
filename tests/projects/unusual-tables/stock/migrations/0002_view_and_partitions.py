from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("stock", "0001_initial")]
    operations = [
        migrations.RunSQL(
            """
            CREATE VIEW stock_total AS
                SELECT t.name AS tenant_name, sum(l.total)::int AS total
                FROM stock_line l JOIN stock_tenant t ON t.id = l.tenant_id GROUP BY t.name;
            CREATE TABLE stock_event (id int NOT NULL, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
            CREATE TABLE stock_event_2026_06 PARTITION OF stock_event FOR VALUES FROM ('2026-06-01') TO ('2026-07-01');
            CREATE TABLE stock_event_2026_07 PARTITION OF stock_event FOR VALUES FROM ('2026-07-01') TO ('2026-08-01');
            """
        )
    ]
