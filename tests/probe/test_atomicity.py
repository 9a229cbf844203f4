"""Half a request that stays is found with its line, and its mended twin passes."""

from typing import Any

import pytest

from reglab.atomicity.recording import lines
from reglab.report.records import Measurement
from tests.probe.conftest import Grounds

pytestmark = pytest.mark.postgres


def _found(ground: Grounds, request: str) -> dict[str, Measurement]:
    return {line.metric.name: line for line in lines(ground(request)) if isinstance(line, Measurement)}


def test_two_writes_without_a_transaction_leave_a_half(ground: Grounds) -> None:
    """The second of two writes fails, the first stays, and the line of the second is named."""
    found = _found(ground, "POST /torn/")
    assert found["faults_tried"].values == (2,)
    assert found["partial_writes"].values == (1,)
    evidence = found["partial_writes"].evidence[0]
    assert "1 row of orders_customer inserted" in evidence.text
    assert evidence.source.startswith("tests/probe/faults.py:")
    assert evidence.source.endswith("in torn")


def test_two_updates_of_one_row_leave_a_half(ground: Grounds) -> None:
    """The row is the same; the columns are not."""
    assert _found(ground, "POST /torn-in-one-row/")["partial_writes"].values == (1,)


def test_what_a_visitor_has_entered_may_stay(ground: Grounds) -> None:
    """A session is no half of anybody's rows: it is there for the next try."""
    assert _found(ground, "POST /notes-a-step/")["partial_writes"].values == (0,)


def test_steps_are_requests_of_their_own(ground: Grounds) -> None:
    """What an earlier step wrote is no half of the last one."""
    stands = ground("", steps=["POST /torn/", "POST /retires-everybody/"])
    found = {line.metric.name: line for line in lines(stands) if isinstance(line, Measurement)}
    assert found["faults_tried"].values == (1,)
    assert found["partial_writes"].values == (0,)


def test_an_answer_of_graphql_that_lists_errors_is_no_success(ground: Grounds) -> None:
    """Its status is 200 whatever came of it."""
    found = _found(ground, "POST /told-as-graphql-does/")
    assert found["faults_tried"].values[0] > 0
    assert found["unwritten_successes"].values == (0,)


def test_two_writes_in_a_transaction_pass(ground: Grounds) -> None:
    """Whichever of the statements fails, nothing stays."""
    found = _found(ground, "POST /whole/")
    assert found["faults_tried"].values == (2,)
    assert found["partial_writes"].values == (0,)
    assert found["unwritten_successes"].values == (0,)


@pytest.mark.parametrize("request_line", ["POST /retried/", "POST /retried-as-a-whole/"])
def test_a_write_that_is_repeated_after_its_commit_is_told(ground: Grounds, request_line: str) -> None:
    """The connection is lost behind the commit: nobody knows whether it is done, and a second row is one too many."""
    found = _found(ground, request_line)["partial_writes"]
    assert found.values == (1,)
    lost = "where a commit is done and its answer lost, the request writes again"
    assert found.evidence[0].text == f"{lost}: 2 rows of orders_customer inserted in all"
    assert found.evidence[0].source.endswith("in retried_once")
    assert _found(ground, "POST /retried-by-name/")["partial_writes"].values == (0,)


def test_a_lock_that_outlives_its_transactions_is_told(ground: Grounds) -> None:
    """An advisory lock of the session stays where the statement after it fails; one of the transaction does not."""
    kept = _found(ground, "POST /lock-kept/")["partial_writes"]
    # The INSERT fails; and so may the statement that gives the lock back.
    assert kept.values == (2,)
    assert all("keeps an advisory lock" in evidence.text for evidence in kept.evidence)
    assert kept.evidence[0].source.endswith("in lock_kept")
    assert _found(ground, "POST /lock-given-back/")["partial_writes"].values == (0,)


def test_a_client_that_is_blamed_for_the_database_is_told(ground: Grounds) -> None:
    """A deadlock is answered with 409 by a handler that catches too much; an error of the server's own passes."""
    found = _found(ground, "POST /blames-the-client/")
    assert found["failures_blamed"].values == (2,)
    assert "meets a deadlock, the answer is 409" in found["failures_blamed"].evidence[0].text
    assert found["failures_blamed"].evidence[0].source.endswith("in blames_the_client")
    assert _found(ground, "POST /whole/")["failures_blamed"].values == (0,)


def test_an_error_in_the_place_of_the_databases_is_the_cause(ground: Grounds) -> None:
    """The line that raised it decides who is blamed, also where it hides what was before."""
    found = _found(ground, "POST /nothing-there/")["failures_blamed"]
    assert "meets a deadlock, the answer is 404" in found.evidence[0].text
    assert found.evidence[0].source.endswith("in nothing_there")


def test_a_success_for_nothing_is_found(ground: Grounds) -> None:
    """An error that is swallowed is answered with 200, and nothing is written."""
    assert _found(ground, "POST /swallowed/")["unwritten_successes"].values == (2,)


def test_work_after_a_commit_that_fails_the_request_is_told(ground: Grounds) -> None:
    """The rows stay although the answer is an error; the line that gave the work is named."""
    found = _found(ground, "POST /after-commit/")
    assert found["partial_writes"].values == (0,)
    assert found["commit_work_failures"].values == (1,)
    assert found["commit_work_failures"].evidence[0].source.endswith("in after_commit")


def test_whether_a_repeated_request_writes_twice_is_tried(ground: Grounds) -> None:
    """Rows that are unique refuse the second try; where nothing does, the finding says so."""

    def told(request_line: str) -> str:
        return _found(ground, request_line)["commit_work_failures"].evidence[0].text

    assert told("POST /after-commit/").endswith("the answer is 500 and the rows stay: its sender is told of none")
    assert told("POST /after-commit-anew/").endswith("the same request, sent again, writes them twice")


@pytest.mark.usefixtures("mailoutbox")
def test_what_no_rollback_takes_back_comes_after_the_commit(ground: Grounds, settings: Any) -> None:
    """A mail and a value in a cache before the commit are told with their lines; after it they pass."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    early = _found(ground, "POST /mails-too-early/")["partial_writes"]
    assert [evidence.text.partition(" before")[0] for evidence in early.evidence] == [
        "the mail 'Welcome' is sent",
        "'newest' is put into the cache",
    ]
    assert early.evidence[0].source.endswith("in mails_too_early")
    assert _found(ground, "POST /mails-in-time/")["partial_writes"].values == (0,)
