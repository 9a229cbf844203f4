"""Each rule's fault is found with its line, and its mended twin passes."""

from collections.abc import Callable

import pytest

from reglab.race.anomalies import ANSWERS, DEADLOCKS, HANGS, ROWS, SERVER_ERRORS, UNDECIDED
from tests.race.conftest import Raced

pytestmark = pytest.mark.postgres
# A scenario with itself has one order.
SERIAL = 1
Race = Callable[..., Raced]


def test_a_lost_update_is_told_with_the_read_that_nothing_guarded(raced: Race) -> None:
    """Two that read, add and write: one addition is lost, and the unlocked read is the line that is blamed."""
    found = raced("append-unlocked", "append-unlocked")
    assert found.metrics == {ROWS}
    assert "name=Ann+, expected Ann++" in found.head.text
    assert "[orders_customer.name]" in found.head.text
    assert "read orders_customer without a lock" in found.head.text
    assert found.head.source.startswith("names.py:15 in append_unlocked")
    assert found.head.table == "orders_customer"


def test_a_locked_update_passes(raced: Race) -> None:
    """The same with select_for_update() is one after the other, however it is interleaved."""
    found = raced("append-locked", "append-locked")
    assert found.result.meetings > SERIAL
    assert not found.result.anomalies


def test_an_unlocked_writer_is_found_beside_a_locked_one(raced: Race) -> None:
    """A lock that only one of two takes guards nothing: the other is blamed."""
    found = raced("append-unlocked", "append-locked")
    assert found.metrics == {ROWS}
    assert "append_unlocked" in found.head.source


def test_locks_in_two_orders_are_a_deadlock(raced: Race) -> None:
    """Who has locked what, and who waits for what, is told with both lines."""
    found = raced("customer-then-order", "order-then-customer")
    assert found.metrics == {DEADLOCKS}
    for side in ("customer_then_order", "order_then_customer"):
        assert side in found.head.text
    assert "has locked orders_order" in found.head.text
    assert "has locked orders_customer" in found.head.text
    assert "waits for" in found.schedule


def test_locks_in_one_order_pass(raced: Race) -> None:
    """Two that lock in the same order wait, and nobody is cancelled."""
    found = raced("customer-then-order", "customer-then-order")
    assert found.result.meetings > SERIAL
    assert not found.result.anomalies


def test_an_answer_of_another_moment_is_told(raced: Race) -> None:
    """What is read after the commit may be somebody else's: the rows are right, the answer is not."""
    found = raced("answered-late", "answered-late")
    assert found.metrics == {ANSWERS}
    assert "answered name = Ann!!, expected Ann!" in found.head.text
    assert "after its commit" in found.head.text
    assert "in answered_late" in found.head.source


def test_an_answer_from_inside_the_transaction_passes(raced: Race) -> None:
    """What the writing transaction itself read is of one moment."""
    assert not raced("answered-inside", "answered-inside").result.anomalies


def test_an_excepted_field_passes_and_no_other_does(raced: Race) -> None:
    """A declared field may be of another moment; one that is not declared may not."""
    exception = (
        '[[race_exception]]\nscenarios = ["answered-*", "answered-late"]\nfields = ["{}"]\nreason = "A test needs it."'
    )
    assert not raced("answered-late", "answered-late", more=exception.format("name")).result.anomalies
    assert raced("answered-late", "answered-late", more=exception.format("other")).metrics == {ANSWERS}


def test_a_server_error_is_told_with_the_line_that_raised(raced: Race) -> None:
    """A row that is gone when it is read again is a 500 that no single client ever sees."""
    found = raced("answered-by-get", "removed")
    assert SERVER_ERRORS in found.metrics
    assert "answered 500 (DoesNotExist: Order matching query does not exist.)" in found.head.text
    assert "in answered_by_get" in found.head.source


def test_a_request_that_needs_no_second_look_passes(raced: Race) -> None:
    """The same request that answers from what it wrote is never an error."""
    assert not raced("answered-by-write", "removed").result.anomalies


def test_a_lock_outside_of_the_database_is_a_hang_at_the_waiting_line(raced: Race) -> None:
    """A side that sleeps in Python while the other is stopped waits for it: one finding, at the line that waits."""
    found = raced("under-a-lock-of-python", "under-a-lock-of-python")
    assert [anomaly.metric for anomaly in found.result.anomalies] == [HANGS]
    assert "waits for" in found.head.text
    assert found.head.source.startswith("names.py:81 in under_a_lock_of_python")


def test_a_side_that_does_not_end_in_time_is_undecided_and_not_a_pass(raced: Race) -> None:
    """Less patience than it takes to see what a side waits for: that is said, not judged."""
    found = raced("under-a-lock-of-python", "under-a-lock-of-python", watchdog_seconds=0.5)
    assert found.metrics == {UNDECIDED}
    # Where it is by then, in a statement or outside of SQL, is the machine's business.
    assert ": no end after " in found.head.text


def test_new_rows_may_be_numbered_either_way(raced: Race) -> None:
    """Numbers that no serial order would give out are no anomaly: the rows and the answers still belong together."""
    found = raced("ordered-twice", "ordered-twice")
    assert found.result.meetings > SERIAL
    assert not found.result.anomalies


def test_the_same_race_comes_out_the_same(raced: Race) -> None:
    """Ten times the same pair gives ten times the same evidence, schedule included."""
    results = [raced("append-unlocked", "append-locked").result.anomalies for _ in range(10)]
    assert all(result == results[0] for result in results)
