"""The table of passes, and that the counters of one pass do not disturb one another."""

from contextlib import ExitStack
from importlib import import_module

import pytest
from django.db import connection, connections
from django.http.response import HttpResponseBase
from django.test import Client

from reglab.counters.answers import AnswerCounter
from reglab.counters.counts import Counter
from reglab.counters.digests import DigestCounter
from reglab.counters.plans import PlanCounter
from reglab.counters.queries import QueryCounter
from reglab.counters.raw_statements import RawStatementCounter
from reglab.counters.response import ResponseCounter
from reglab.counters.rows import RowCounter
from reglab.counters.scans.oracle import IndexOracle
from reglab.counters.sharing import passes_for
from reglab.project.source_lines import ProjectFrames
from tests.counters.support import ROOT, orders, values

FRAMES = ProjectFrames(base=ROOT)


def work_counters(responses: list[HttpResponseBase]) -> dict[str, Counter]:
    """Return the counters of the "work" pass by module, in the order of the table."""
    used = list(connections.all())
    queries = QueryCounter(used, frames=FRAMES)
    made: dict[str, Counter] = {
        "digests": DigestCounter(used, queries=queries),
        "index_oracle": IndexOracle(used, queries=queries),
        "rows": RowCounter(used, queries=queries),
        "raw_statements": RawStatementCounter(used, frames=FRAMES),
        "queries": queries,
        "answers": AnswerCounter(responses),
        "response": ResponseCounter(responses),
    }
    return {name: made[name] for name in passes_for(connection.vendor)[0].counters}


def counted(path: str, *, method: str = "get") -> dict[str, int]:
    client = Client()
    responses: list[HttpResponseBase] = []
    counters = work_counters(responses)
    with ExitStack() as stack:
        for counter in counters.values():
            stack.enter_context(counter)
        responses.append(getattr(client, method)(path))
    return {name: value for counter in counters.values() for name, value in values(counter).items()}


@pytest.mark.parametrize("vendor", ["postgresql", "sqlite", "mysql"])
def test_every_counter_of_the_table_is_a_module(vendor: str) -> None:
    """A pass names modules that exist, each in one pass only."""
    names = [name for each in passes_for(vendor) for name in each.counters]
    assert len(names) == len(set(names))
    for name in names:
        assert import_module(f"reglab.counters.{name}").__doc__


@pytest.mark.django_db
def test_a_list_request_is_counted_whole_and_repeats_exactly() -> None:
    """All counters of one pass around one request agree with themselves, and a read writes nothing."""
    orders(6)
    counted("/api/orders/")
    one, other = counted("/api/orders/"), counted("/api/orders/")
    assert one == other
    assert one["status"] == 200
    assert one["queries"] > 0
    assert one["raw_statements"] == 0
    assert not [name for name in one if name.startswith(("rows_written", "rows_changed"))]


@pytest.mark.django_db
def test_a_write_shows_in_all_counters_that_should_see_it() -> None:
    """Cancelling one order is one written and one changed row of its table, and no other."""
    (order,) = orders(1)
    found = counted(f"/api/orders/{order.pk}/cancel/", method="post")
    assert found["status"] == 200
    assert {name: value for name, value in found.items() if name.startswith(("rows_written", "rows_changed"))} == {
        "rows_written orders_order update": 1,
        "rows_changed orders_order update": 1,
    }


@pytest.mark.django_db
@pytest.mark.postgres
def test_a_request_through_the_plans_repeats_exactly() -> None:
    """Blocks and plan rows of a list request are equal from one execution to the next."""
    orders(6)
    client = Client()
    client.get("/api/orders/")
    seen = []
    for _ in range(2):
        with PlanCounter(connections.all(), frames=FRAMES) as counter:
            client.get("/api/orders/")
        seen.append(values(counter))
    assert seen[0] == seen[1]
    assert seen[0]["plan_rows"] > 0
