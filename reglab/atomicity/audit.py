"""Executes each writing scenario again and again, another one of its statements failing each time."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.http.response import HttpResponseBase

from reglab.atomicity.answer_origin import AnswerOrigin
from reglab.atomicity.effects import Effect, Effects
from reglab.atomicity.emulated_autocommit import own_transactions
from reglab.atomicity.fault import Fault
from reglab.config.suite import Scenario
from reglab.counters.engine.row_changes import RowChange
from reglab.counters.engine.row_snapshots import RowSnapshot
from reglab.errors import AuditError
from reglab.project.audit_ground import AuditGround, is_left_out
from reglab.project.data.driver import fetch
from reglab.project.data.isolation import Sequences, forget_caches
from reglab.project.requests.json_content import json_content
from reglab.project.requests.raced import is_writing
from reglab.project.requests.silence import quiet
from reglab.project.requests.test_client import Answer, Request, answers_to

# A scenario with more statements than this has the first ones of them failed, and the record says so.
STATEMENTS_FAILED_MAX = 60
_COMMITS_LOST_MAX = 5
# What Django itself writes beside the project: who visits, and, before it deletes rows, that it will.
_OF_VISITORS = frozenset({"django_session", "django_admin_log"})
Changes = tuple[RowChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One execution: which statement failed, what was answered last, and the rows that differ afterwards.

    `locks` are advisory locks that its sessions still hold when all transactions have ended; `made_at` are the
    project's lines that made the answer of the error.
    """

    fault: Fault
    answer: Answer
    changes: Changes
    effects: tuple[Effect, ...] = ()
    locks: int = 0
    made_at: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class ScenarioResult:
    """What the executions of one scenario came to.

    `partial` are those that left a part of the rows; `repeated` those that wrote again after a commit whose answer was
    lost; `unwritten` those that were answered with success and wrote nothing; `blamed` those whose answer says that the
    client is wrong; `locked` those that left more advisory locks than one without a fault; `effects` come before the
    commit, whether or not it fails; `after_commit` one whose rows stay although work after the commit turned its answer
    into an error, `is_written_twice` whether the same request, sent once more, then writes them again; `complaint` says
    that the scenario answers otherwise than declared as soon as its transactions are its own.
    """

    scenario: Scenario
    endpoint: str
    statements: int = 0
    faults: int = 0
    partial: list[Execution] = field(default_factory=list)
    repeated: list[Execution] = field(default_factory=list)
    unwritten: list[Execution] = field(default_factory=list)
    locked: list[Execution] = field(default_factory=list)
    blamed: list[Execution] = field(default_factory=list)
    after_commit: list[Execution] = field(default_factory=list)
    is_written_twice: bool = False
    effects: tuple[Effect, ...] = ()
    complaint: str = ""


def results(ground: AuditGround) -> Iterator[ScenarioResult]:
    """Yield the result of each writing scenario as soon as it is there. Raises AuditError on another database."""
    if not ground.is_postgresql:
        raise AuditError("statements are failed on PostgreSQL alone")
    runner = _Runner(ground)
    for scenario in ground.scenarios:
        if is_writing(scenario) and not is_left_out(scenario, "partial_writes"):
            ground.begin(f"atomicity: {scenario.name}")
            yield runner.result(scenario)


class _Runner:
    """Executes scenarios on the present rows, each time from the same state."""

    def __init__(self, ground: AuditGround) -> None:
        self._ground = ground
        self._visitor = ground.visitor()
        self._sequences = Sequences()
        self._connections = ground.connections
        self._before = RowSnapshot.taken(self._connections)

    def result(self, scenario: Scenario) -> ScenarioResult:
        requests = self._ground.requests(scenario)
        result = ScenarioResult(scenario=scenario, endpoint=self._ground.endpoint(scenario))
        whole = self._executed(requests, 0)
        result.statements = len(whole.fault.sent)
        if not whole.answer.is_as_declared:
            result.complaint = whole.answer.complaint
            return result
        result.effects = whole.effects
        self._fail_statements(result, requests, whole)
        for number in range(1, min(whole.fault.commits, _COMMITS_LOST_MAX) + 1):
            execution = self._executed(requests, 0, lost_commit=number)
            if _has_more(execution.changes, whole.changes):
                result.repeated.append(execution)
        if whole.fault.commit_work and whole.changes:
            execution = self._executed(requests, 0, fails_commit_work=True)
            if execution.changes and not _is_success(execution.answer):
                result.after_commit.append(execution)
                again = self._executed(requests, 0, fails_commit_work=True, is_sent_again=True)
                result.is_written_twice = _has_more(again.changes, whole.changes)
        return result

    def _fail_statements(self, result: ScenarioResult, requests: Sequence[Request], whole: Execution) -> None:
        """Let each statement fail once, and note what stays, or is answered, that should not."""
        for number in range(1, min(result.statements, STATEMENTS_FAILED_MAX) + 1):
            execution = self._executed(requests, number)
            if not execution.fault.has_struck:
                return
            result.faults += 1
            if 400 <= execution.answer.status < 500 and _is_success(whole.answer):
                result.blamed.append(execution)
            if execution.locks > whole.locks:
                result.locked.append(execution)
            if _shape(execution.changes) not in ((), _shape(whole.changes)):
                result.partial.append(execution)
            elif whole.changes and not execution.changes and _is_success(execution.answer):
                result.unwritten.append(execution)

    def _executed(
        self,
        requests: Sequence[Request],
        number: int,
        *,
        fails_commit_work: bool = False,
        lost_commit: int = 0,
        is_sent_again: bool = False,
    ) -> Execution:
        self._sequences.restore()
        forget_caches()
        responses: list[HttpResponseBase] = []
        effects = Effects(self._connections, frames=self._ground.frames)
        origin = AnswerOrigin(frames=self._ground.frames)
        *earlier, last = requests
        with own_transactions(self._connections), quiet():
            before = self._before
            if earlier:
                # Steps are requests of their own, each with its transaction: the last one is whole, or is not.
                self._visitor.send(tuple(earlier), responses=[])
                before = RowSnapshot.taken(self._connections)
            with Fault(
                self._connections,
                number=number,
                frames=self._ground.frames,
                fails_commit_work=fails_commit_work,
                lost_commit=lost_commit,
            ) as fault:
                with effects.noted(lambda: any(one.is_write for one in fault.sent)), origin.noted():
                    self._visitor.send((last,), responses=responses)
                answers = answers_to((last,), responses)
            if is_sent_again:
                # As a client does that was told of an error; this time nothing fails.
                self._visitor.send((last,), responses=[])
            after = RowSnapshot.taken(self._connections)
        changes = tuple(
            change
            for change in before.changes_to(after, self._connections)
            # What a visitor has entered so far is theirs, and no half of anybody's rows.
            if change.table not in _OF_VISITORS
        )
        return Execution(
            fault=fault,
            answer=answers[-1],
            changes=changes,
            effects=tuple(effects.found),
            made_at=origin.places,
            locks=sum(_advisory_locks_released(connection) for connection in self._connections),
        )


def _advisory_locks_released(connection: BaseDatabaseWrapper) -> int:
    """Return how many advisory locks outlive the transactions of a session, and release them."""
    if connection.vendor != "postgresql":
        return 0
    count = fetch(connection, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
    if count[0][0]:
        fetch(connection, "SELECT pg_advisory_unlock_all()")
    return int(count[0][0])


def _has_more(changes: Changes, whole: Changes) -> bool:
    """Tell whether rows were changed that a request without an error leaves alone."""
    once = Counter((change.alias, change.table, change.verb) for change in whole)
    return any(count > once[key] for key, count in Counter((one.alias, one.table, one.verb) for one in changes).items())


def _shape(changes: Changes) -> tuple[tuple[Any, ...], ...]:
    """Return how many rows differ, by table, verb and updated columns: ids and times are another's after a repetition.

    The columns tell one update of a row from two.
    """
    counts = Counter((change.alias, change.table, change.verb, change.columns) for change in changes)
    return tuple(sorted((*key, count) for key, count in counts.items()))


def _is_success(answer: Answer) -> bool:
    return 200 <= answer.status < 300 and not _tells_errors(answer)


def _tells_errors(answer: Answer) -> bool:
    """Tell whether an answer is one of GraphQL's that lists errors: its status is 200 all the same."""
    try:
        content = json_content(answer.body)
    except ValueError:
        return False
    return isinstance(content, dict) and "data" in content and bool(content.get("errors"))
