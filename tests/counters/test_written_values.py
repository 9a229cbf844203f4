"""Values that rows were written with: told by column, and the same in every run of the same code."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import connection, connections

from reglab.counters.digests import DigestCounter
from reglab.counters.engine.written_values import without_chance
from reglab.counters.queries import QueryCounter
from reglab.project.source_lines import ProjectFrames
from service.orders.models import Order
from tests.counters.support import ROOT, orders, values

pytestmark = pytest.mark.django_db


def checksums(counted: DigestCounter) -> dict[str, int | float]:
    """Return the checksums of written values by their part."""
    found = values(counted).items()
    return {name.removeprefix("written_values "): value for name, value in found if name.startswith("written_values")}


def written(**fields: object) -> dict[str, int | float]:
    """Update an order so, take it back, and return the checksums."""
    order = Order.objects.get()
    before = {name: getattr(order, name) for name in fields}
    with DigestCounter(connections.all()) as counted:
        Order.objects.filter(pk=order.pk).update(**fields)
    Order.objects.filter(pk=order.pk).update(**before)
    return checksums(counted)


def test_another_value_has_another_checksum_and_an_equal_one_the_same() -> None:
    """An update of the same row and column is told apart by what it writes alone."""
    orders(1)
    first, again, other = written(total_cents=5), written(total_cents=5), written(total_cents=6)
    assert list(first) == ["orders_order update: total_cents"]
    assert first == again
    assert first != other


def test_an_update_that_exchanges_the_values_of_two_rows_differs() -> None:
    """Values are held row by row: the same numbers at other rows are other values."""
    one, other = orders(2)
    taken = []
    for totals in ((7, 8), (8, 7)):
        with DigestCounter(connections.all()) as counted:
            for row, cents in zip((one, other), totals, strict=True):
                Order.objects.filter(pk=row.pk).update(total_cents=cents)
        taken.append(checksums(counted))
        Order.objects.update(total_cents=0)
    assert taken[0] != taken[1]


def test_the_evidence_is_the_value_and_the_line_that_wrote_it() -> None:
    """A reader sees the column, its value and the statement's line."""
    (order,) = orders(1)
    queries = QueryCounter(connections.all(), frames=ProjectFrames(base=ROOT))
    with DigestCounter(connections.all(), queries=queries) as counted, queries:
        Order.objects.filter(pk=order.pk).update(total_cents=1234)
    (count,) = (one for one in counted.counts() if one.part == "orders_order update: total_cents")
    assert count.evidence[0].text == "orders_order.total_cents of what was updated: 1234"
    assert count.evidence[0].source.startswith("tests/counters/test_written_values.py:")


def test_a_row_keeps_its_key_out_of_what_is_compared() -> None:
    """A key that a sequence gave, or chance, says nothing of what was stored."""
    taken = []
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept_notes (id integer PRIMARY KEY, token text, said text)")
        for number in (1, 2):
            with DigestCounter(connections.all()) as counted:
                cursor.execute("INSERT INTO kept_notes VALUES (%s, %s, %s)", [number, str(uuid.uuid4()), "so"])
            taken.append(checksums(counted))
    assert taken[0] == taken[1]
    assert list(taken[0]) == ["kept_notes insert: said", "kept_notes insert: token"]


def test_json_is_what_it_says_whatever_the_order_of_its_keys() -> None:
    """The text of two JSON values may differ where they do not."""
    taken = []
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept_events (id integer PRIMARY KEY, said text)")
        for number, text in enumerate(('{"a": 1, "b": 2}', '{"b": 2, "a": 1}', '{"a": 1, "b": 3}')):
            with DigestCounter(connections.all()) as counted:
                cursor.execute("INSERT INTO kept_events VALUES (%s, %s)", [number, text])
            taken.append(checksums(counted))
    assert taken[0] == taken[1] != taken[2]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("pbkdf2_sha256$600000$0aBcDeFgHiJkLmNoPqRsTu$x", "pbkdf2_sha256$600000$(by chance)$x"),
        ("request 0d3c5d1e-6a4b-4b57-9d1e-2f0f5a7f6b11 done", "request (by chance) done"),
        ("d41d8cd98f00b204e9800998ecf8427e", "(by chance)"),
        ("2026-06-15 12:34:56.123456+00", "2026-06-15 12:34:56.123456+00"),
        ("summer-sale-of-2024-products", "summer-sale-of-2024-products"),
        ("12.50", "12.50"),
    ],
)
def test_what_looks_drawn_by_chance_is_left_out_and_nothing_else(text: str, kept: str) -> None:
    """Salts, tokens and UUIDs change with each draw before them; amounts, moments and names are content."""
    assert without_chance(text) == kept


def test_the_clock_of_the_database_is_left_out() -> None:
    """What says today's date is another value tomorrow."""
    assert without_chance(f"at {datetime.now(UTC):%Y-%m-%d %H:%M:%S}") == "at (now)"
