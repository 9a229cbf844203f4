"""The plan counter: what auto_explain reports of the plans that really ran."""

import pytest
from django.db import connection, connections

from reglab.counters.plans import PlanCounter
from reglab.counters.queries import QueryCounter
from reglab.project.source_lines import ProjectFrames
from service.orders.models import Customer, Order
from tests.counters.support import ROOT, customers, orders, plant_audit_trigger, values

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

FRAMES = ProjectFrames(base=ROOT)
SETTINGS = ("client_min_messages", "auto_explain.log_min_duration", "auto_explain.log_level")


def counter() -> PlanCounter:
    return PlanCounter(connections.all(), frames=FRAMES)


def settings() -> list[object]:
    with connection.cursor() as cursor:
        cursor.execute("LOAD 'auto_explain'")
        cursor.execute("SELECT " + ", ".join(f"current_setting('{name}')" for name in SETTINGS))
        return list(cursor.fetchone())


def test_rows_that_a_filter_drops_count() -> None:
    """A scan of forty rows that keeps one has read forty."""
    rows = customers(40)
    with counter() as counted:
        list(Customer.objects.filter(name=rows[3].name))
    assert values(counted)["plan_rows"] == 40
    (run,) = counted.runs()
    assert [(node.kind, node.relation, node.rows, node.removed) for node in run.nodes] == [
        ("Seq Scan", "orders_customer", 1, 39)
    ]


def test_blocks_grow_with_the_rows_read_and_repeat_exactly() -> None:
    """The same read costs the same blocks each time, and more of them over more rows."""
    seen = []
    for number in (10, 400):
        Customer.objects.all().delete()
        customers(number)
        # Hint bits and free space settle on the first reading.
        list(Customer.objects.all())
        for _ in range(2):
            with counter() as counted:
                list(Customer.objects.all())
            seen.append(values(counted)["blocks_read reads"])
    assert seen[0] == seen[1]
    assert seen[2] == seen[3] > seen[0]


def test_a_trigger_has_its_own_plan_and_writes_a_part() -> None:
    """Statements inside a trigger are reported as nested; blocks of writes are kept apart from those of reads."""
    (order,) = orders(1)
    plant_audit_trigger()
    with counter() as counted:
        Order.objects.filter(pk=order.pk).update(is_archived=True)
    assert sorted((run.is_nested, run.is_write) for run in counted.runs()) == [(False, True), (True, True)]
    found = values(counted)
    assert found["blocks_read reads"] == 0
    assert found["blocks_read writes"] > 0


def test_evidence_names_statement_plan_and_line() -> None:
    """The evidence holds the statement without values, its nodes, and the project's line that ran it."""
    customers(3)
    with counter() as counted:
        list(Customer.objects.filter(name="nobody"))
    evidence = counted.counts()[-1].evidence[0]
    assert "nobody" not in evidence.text.split(" — ")[0]
    assert "Seq Scan orders_customer (0 rows, 3 removed)" in evidence.text
    assert evidence.source.endswith(" in test_evidence_names_statement_plan_and_line")


def test_the_statements_that_listen_do_not_count() -> None:
    """An empty block has no plans, and a query counter around it sees no statement."""
    with QueryCounter(connections.all(), frames=FRAMES) as queries, counter() as counted:
        pass
    assert counted.runs() == ()
    assert values(queries)["queries"] == 0


def test_settings_and_handlers_are_put_back() -> None:
    """After the block the settings are as before and nobody listens, even when the block failed."""
    before = settings()
    handlers = list(connection.connection._notice_handlers)
    with pytest.raises(ZeroDivisionError), counter():
        raise ZeroDivisionError
    assert settings() == before
    assert list(connection.connection._notice_handlers) == handlers


def test_a_quiet_session_is_heard_all_the_same() -> None:
    """A subject that asks for warnings only keeps that setting, and its plans still count."""
    customers(2)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL client_min_messages = warning")
    with counter() as counted:
        assert len(Customer.objects.all()) == 2
    assert values(counted)["plan_rows"] == 2
    assert settings()[0] == "warning"
