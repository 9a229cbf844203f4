"""The sets of counters, and that the counters of one set do not disturb one another."""

from contextlib import ExitStack

import pytest
from django.db import connection, connections
from django.http.response import HttpResponseBase
from django.test import Client

from reglab.counters.engine.counter_sets import counter_sets, planned
from reglab.counters.engine.definition import Depth
from reglab.counters.engine.registry import definitions
from reglab.counters.plans import PlanCounter
from reglab.project.source_lines import ProjectFrames
from tests.counters.support import ROOT, orders, values

FRAMES = ProjectFrames(base=ROOT)


def counted(path: str, *, method: str = "get") -> dict[str, int | float]:
    client = Client()
    shared = next(counter_sets(list(connections.all()), frames=FRAMES, without=set(), depth=Depth.DATABASE))
    responses: list[HttpResponseBase] = shared.responses
    with ExitStack() as stack:
        for counter in shared.counters:
            stack.enter_context(counter)
        responses.append(getattr(client, method)(path))
    return {name: value for counter in shared.counters for name, value in values(counter).items()}


@pytest.mark.parametrize("vendor", ["postgresql", "sqlite", "mysql"])
def test_every_counter_takes_part_once(vendor: str) -> None:
    """Each counter that knows the database is in one set only."""
    members = [one for _, set_of in planned(vendor, without=set(), depth=Depth.MEMORY) for one in set_of]
    known = [one for one in definitions().values() if one.make and one.knows(vendor)]
    assert len(members) == len(known)
    assert {id(one) for one in members} == {id(one) for one in known}


def test_a_database_that_nobody_knows_still_has_its_statements_and_answers_counted() -> None:
    """Counters that need no knowledge of the database run on any."""
    _, shared = next(planned("mysql", without=set(), depth=Depth.DATABASE))
    assert {metric.name for one in shared for metric in one.metrics} >= {"queries", "answer", "response_bytes"}
    assert "rows_read" not in {metric.name for one in shared for metric in one.metrics}


def test_a_slow_counter_is_left_out_with_all_its_metrics() -> None:
    """Leaving out one of two metrics keeps the execution that counts the other."""

    def names(*without: str) -> set[str]:
        return {name for name, _ in planned("sqlite", without=set(without), depth=Depth.PYTHON)}

    assert names("python_calls") == {"work", "calls", "bytecodes"}
    assert names("python_calls", "c_calls") == {"work", "bytecodes"}


@pytest.mark.django_db
def test_a_list_request_is_counted_whole_and_repeats_exactly() -> None:
    """All counters of one set around one request agree with themselves, and a read writes nothing."""
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
    assert connection.vendor == "postgresql"
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
