"""Rows and readings that the counters' tests share."""

from pathlib import Path

from django.db import connection

from reglab.counters.engine.definition import Counter
from service.orders.models import Customer, Order, OrderItem

ROOT = Path(__file__).resolve().parents[2]


def customers(number: int) -> list[Customer]:
    """Insert that many customers, one by one, so that each has its key on any database."""
    return [
        Customer.objects.create(name=f"Customer {index}", email=f"{index}@counters.test") for index in range(number)
    ]


def values(counter: Counter) -> dict[str, int | float]:
    """Return a counter's values by metric, or by "metric part" where it has parts."""
    return {f"{count.metric.name} {count.part}".strip(): count.value for count in counter.counts()}


def orders(number: int) -> list[Order]:
    """Insert one customer and that many orders of it, each with one line."""
    (customer,) = customers(1)
    rows = [Order.objects.create(customer=customer) for _ in range(number)]
    for row in rows:
        OrderItem.objects.create(order=row, sku="A-1", quantity=2, unit_price_cents=150)
    return rows


def plant_audit_trigger() -> None:
    """Add a table that no model knows, and a trigger that writes it whenever an order's row is updated."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE audit_log (order_id integer, note text)")
        body = "INSERT INTO audit_log VALUES (NEW.id, 'updated');"
        if connection.vendor == "sqlite":
            cursor.execute(f"CREATE TRIGGER log_update AFTER UPDATE ON orders_order BEGIN {body} END")
            return
        cursor.execute(
            f"CREATE FUNCTION log_update() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {body} RETURN NULL; END$$"
        )
        cursor.execute(
            "CREATE TRIGGER log_update AFTER UPDATE ON orders_order FOR EACH ROW EXECUTE FUNCTION log_update()"
        )
