"""Requests that go one way meet those that go the other: locks in an order of the request's own are a deadlock then."""

import http.cookies
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from reglab.config.suite import SuiteFile, read_suite
from reglab.project.data.isolation import Sequences
from reglab.project.endpoints.coverage import coverage_of
from reglab.project.endpoints.discovery import Endpoints
from reglab.project.source_lines import ProjectFrames
from reglab.race.anomalies import DEADLOCKS
from reglab.race.database_snapshot import Ground
from reglab.race.mirrored_rows import mirrored_values
from reglab.race.pair_runner import Arena
from reglab.race.pairs import pairs_of
from reglab.race.scheduling.schedule_run import Meetings
from service.orders.models import Customer, Order, OrderItem

pytestmark = pytest.mark.postgres
HERE = Path(__file__).resolve().parent
SUITE = """
schema_version = 1
[[scenario]]
name = "moved"
request = "POST /moved/{item}/{order}/"
[[scenario]]
name = "moved-in-one-order"
request = "POST /moved-in-one-order/{item}/{order}/"
[[scenario]]
name = "paid"
request = "POST /paid/{giver}/{taker}/"
[[scenario]]
name = "paid-in-one-order"
request = "POST /paid-in-one-order/{giver}/{taker}/"

[[race]]
name = "two-ways"
[race.on.item]
model = "orders.OrderItem"
[race.on.order]
model = "orders.Order"
index = 1
[race.on.giver]
model = "orders.Customer"
[race.on.taker]
model = "orders.Customer"
index = 1
"""


@pytest.fixture
def suite(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[SuiteFile]:
    """Two customers with an order of one line each, and requests that go from one to the other."""
    settings.ROOT_URLCONF = "tests.race.moves"
    settings.MIDDLEWARE = []
    sequences = Sequences()
    for name in ("ann", "bob"):
        order = Order.objects.create(customer=Customer.objects.create(name=name, email=f"{name}@rows.example"))
        OrderItem.objects.create(order=order, sku="S-1", quantity=1, unit_price_cents=100)
    path = tmp_path / "suite.toml"
    path.write_text(SUITE, encoding="utf-8")
    yield read_suite(path)
    sequences.restore()
    connection.close()


@pytest.fixture
def metrics_of(suite: SuiteFile) -> Callable[[str], set[str]]:
    """A function that lets a pair meet, and returns the kinds of anomalies."""

    def race(name: str) -> set[str]:
        frames = ProjectFrames(base=HERE)
        meetings = Meetings(cookies=http.cookies.SimpleCookie(), frames=frames, watchdog_seconds=30.0)
        with closing(meetings):
            arena = Arena(file=suite, ground=Ground(), meetings=meetings, frames=frames)
            pairs = pairs_of(suite, suite.suite.race[0], coverage=coverage_of(suite, Endpoints()), sizes={})
            result = arena.result_of(next(pair for pair in pairs if pair.name == name))
        return {anomaly.metric for anomaly in result.anomalies}

    return race


@pytest.mark.parametrize("name", ["moved", "paid"])
def test_locks_in_the_order_of_the_request_are_a_deadlock(metrics_of: Callable[[str], set[str]], name: str) -> None:
    """On the same rows both lock in the same order; on exchanged ones each waits for the other."""
    assert metrics_of(f"{name}+{name}") == set()
    assert metrics_of(f"{name}+{name} back") == {DEADLOCKS}


@pytest.mark.parametrize("name", ["moved-in-one-order", "paid-in-one-order"])
def test_locks_in_one_order_for_all_pass(metrics_of: Callable[[str], set[str]], name: str) -> None:
    """Whichever way a request goes, the row with the smaller key is locked first."""
    assert metrics_of(f"{name}+{name} back") == set()


def test_rows_are_exchanged_by_their_roles(suite: SuiteFile) -> None:
    """Two rows of one model change places; a child goes with its parent; what names no two rows has no other way."""
    race = suite.suite.race[0]
    items, orders, customers = (
        list(model.objects.order_by("pk").values_list("pk", flat=True)) for model in (OrderItem, Order, Customer)
    )
    values = {"item": items[0], "order": orders[1], "giver": customers[0], "taker": customers[1], "size": 5}
    assert mirrored_values(race, values, used={"item", "order"}) == {**values, "item": items[1], "order": orders[0]}
    swapped = {**values, "giver": customers[1], "taker": customers[0]}
    assert mirrored_values(race, values, used={"giver", "taker"}) == swapped
    assert mirrored_values(race, values, used={"item", "giver", "size"}) is None
    assert mirrored_values(race, {**values, "order": orders[0]}, used={"item", "order"}) is None
    OrderItem.objects.filter(pk=items[1]).delete()
    assert mirrored_values(race, values, used={"item", "order"}) is None
