"""Anomalies of one interleaving, and the line that is to blame: a read or a write that nothing guarded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from reglab.project.source_lines import FRAMES_KEPT, ProjectFrames
from reglab.project.tracebacks import raised_at
from reglab.race.end_states import Outcome
from reglab.race.outcome_differences import answer_difference, differing_columns, nearest, row_differences, wrong_sides
from reglab.race.pairs import Pair
from reglab.race.scheduling.schedule_run import Meeting
from reglab.race.scheduling.scheduler import Event
from reglab.race.scheduling.sync_points import Action, Kind
from reglab.race.skipped_rows import skipped_rows
from reglab.report.records import Evidence

DEADLOCKS: Final = "race_deadlocks"
SERVER_ERRORS: Final = "race_server_errors"
ROWS: Final = "race_row_anomalies"
ANSWERS: Final = "race_answer_anomalies"
UNDECIDED: Final = "races_undecided"
HANGS: Final = "race_hangs"
METRICS: Final = (HANGS, DEADLOCKS, SERVER_ERRORS, ROWS, ANSWERS, UNDECIDED)
_TEXT_LENGTH: Final = 600
_ROWS_TOLD: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """One thing that is wrong with one interleaving. The evidence's first item says it, the others are the schedule."""

    metric: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interleaving:
    """A meeting of a pair: who came first, and before what it was stopped. `names` are the sides', as in the schedule.

    The sides of the meeting are numbered in the order in which they came; `order` maps them to left (0) and right (1).
    """

    pair: Pair
    meeting: Meeting
    order: tuple[int, int]
    stop: str
    frames: ProjectFrames

    @property
    def names(self) -> tuple[str, str]:
        """The scenarios in the order in which they came."""
        both = (self.pair.left.name, self.pair.right.name)
        first, second = (both[side] for side in self.order)
        return (f"the first {first}", f"the second {second}") if first == second else (first, second)

    @property
    def title(self) -> str:
        """The interleaving in a few words."""
        first, second = self.names
        if not self.stop:
            return f"{first}, then {second}"
        return f"{first} stopped before {self.stop}, {second} meanwhile"

    @property
    def commit_order(self) -> str:
        """The words for the order in which the two became visible: the serial order that is to be expected."""
        last = {event.side: number for number, event in enumerate(self.meeting.schedule)}
        last |= {event.side: number for number, event in enumerate(self.meeting.schedule) if event.action.publishes}
        sides = sorted((0, 1), key=lambda side: last.get(side, -1))
        return ", then ".join(self.names[side] for side in sides)


def anomalies_of(found: Interleaving, outcome: Outcome | None, *, serial: Mapping[str, Outcome]) -> tuple[Anomaly, ...]:
    """Judge one interleaving. `serial` are the outcomes of both orders, by their words; `outcome` is None for none."""
    meeting = found.meeting
    if meeting.waiting_side is not None:
        return (_waits_outside(found, meeting.waiting_side),)
    if meeting.hung or meeting.missed_stop:
        why = meeting.hung or "the first request did not come to that moment this time: it does not do the same twice"
        return (_anomaly(found, UNDECIDED, f"{found.title}: {why}", culprit=_last_action(meeting)),)
    if meeting.deadlock is not None:
        return (_deadlock(found),)
    if outcome is None:
        raise ValueError("an interleaving that ended has an outcome")
    errors = tuple(_server_errors(found))
    words, expected = nearest(outcome, serial, preferred=found.commit_order)
    if outcome.rows not in {each.rows for each in serial.values()}:
        return (*errors, _rows(found, outcome, expected=expected, words=words))
    if errors or outcome in serial.values():
        return errors
    return (_answers(found, outcome, expected=expected, words=words),)


def anomalies_of_reading(found: Interleaving) -> tuple[Anomaly, ...]:
    """Judge an interleaving of a reader: an error is one.

    Two reads of one answer may see two moments: only a transaction with a snapshot of its own could promise one.
    """
    meeting = found.meeting
    if meeting.waiting_side is not None:
        return (_waits_outside(found, meeting.waiting_side),)
    if meeting.deadlock is not None:
        return (_deadlock(found),)
    if meeting.hung:
        return (_anomaly(found, UNDECIDED, f"{found.title}: {meeting.hung}", culprit=_last_action(meeting)),)
    return tuple(_server_errors(found))


def _waits_outside(found: Interleaving, side: int) -> Anomaly:
    text = (
        f"{found.title}: {found.names[side]} waits for {found.names[1 - side]} outside of the database, by a lock or "
        "an event of this process: other processes know nothing of it, and the database can end no such deadlock"
    )
    return _anomaly(found, HANGS, text, culprit=None, places=found.meeting.waits_at)


def _deadlock(found: Interleaving) -> Anomaly:
    waiting = found.meeting.deadlock.waiting if found.meeting.deadlock else ()
    told, holding = [], []
    for side, action in enumerate(waiting):
        held = _held_against(found, side, waiting[1 - side]) if len(waiting) == 2 else None
        holding.append(held or action)
        has = f"has locked {', '.join(held.written or held.tables)}{_at(found, held)} and " if held else ""
        told.append(f"{found.names[side]} {has}waits for {', '.join(action.tables)}{_at(found, action)}")
    why = "each waits for a row that the other has locked, and PostgreSQL must cancel one"
    text = f"{found.title}: {why}; {'; '.join(told)}"
    return _anomaly(found, DEADLOCKS, text, culprit=holding[-1] if holding else None)


def _held_against(found: Interleaving, side: int, wanted: Action) -> Action | None:
    """Return the first action of a side that locked or wrote a table that the other waits for."""
    return next(
        (
            action
            for action in found.meeting.trace(side)
            if action.kind in {Kind.LOCK, Kind.WRITE} and set(action.written or action.tables) & set(wanted.tables)
        ),
        None,
    )


def _at(found: Interleaving, action: Action) -> str:
    words = found.frames.words(action.marks)
    return f" ({words[0]})" if words else ""


def _server_errors(found: Interleaving) -> Iterator[Anomaly]:
    for side, answers in enumerate(found.meeting.answers):
        for answer in answers:
            if answer.status < 500:
                continue
            error = found.meeting.errors[side]
            said = f"{type(error).__name__}: {str(error).strip()}" if error else answer.body.decode(errors="replace")
            first_line = next(iter(said.splitlines()), "")
            text = f"{found.title}: {found.names[side]} answered {answer.status} ({first_line[:200]})"
            source = raised_at(error.__traceback__, found.frames)[:FRAMES_KEPT] if error else ()
            yield _anomaly(found, SERVER_ERRORS, text, culprit=_last_action(found.meeting, side), places=source)


def _rows(found: Interleaving, outcome: Outcome, *, expected: Outcome, words: str) -> Anomaly:
    differences = row_differences(outcome, expected)
    tables = {table for table, _ in differences}
    culprit, why = skipped_rows(found.meeting.schedule, found.names)
    if culprit is None:
        culprit, why = _unguarded(found, tables)
    told = "; ".join(sentence for _, sentence in differences[:_ROWS_TOLD])
    columns = differing_columns(outcome, expected)
    text = f"{found.title}: {told} (as after {words}){f' [{columns}]' if columns else ''}{why}"
    return _anomaly(found, ROWS, text, culprit=culprit, table=differences[0][0] if differences else "")


def _answers(found: Interleaving, outcome: Outcome, *, expected: Outcome, words: str) -> Anomaly:
    # Outcomes number the sides from left to right, a meeting in the order in which they came.
    wrong = [(found.order.index(side), side) for side in wrong_sides(outcome, expected)]
    told = "; ".join(f"{found.names[here]} {answer_difference(outcome, expected, side)}" for here, side in wrong)
    here = wrong[0][0] if wrong else 0
    others = {table for action in found.meeting.trace(1 - here) for table in action.written}
    culprit, why = skipped_rows(found.meeting.schedule, found.names)
    if culprit is None:
        culprit, why = _late_read(found, here, others)
    if culprit is None:
        culprit, why = _stale_read(found, here, others)
    text = f"{found.title}: {told} (as after {words}), which no order of the two explains{why}"
    return _anomaly(found, ANSWERS, text, culprit=culprit or _last_action(found.meeting, here))


def _unguarded(found: Interleaving, tables: set[str]) -> tuple[Action | None, str]:
    """Return the read that a write depends on although it was over by then, else the last write to the tables."""
    writers = [event.side for event in found.meeting.schedule if tables & set(event.action.written)]
    for side in dict.fromkeys(reversed(writers)):
        others = {table for action in found.meeting.trace(1 - side) for table in action.written}
        read, why = _stale_read(found, side, others)
        if read is not None:
            return read, why
    for event in reversed(found.meeting.schedule):
        if tables & set(event.action.written):
            name = found.names[event.side]
            return event.action, f"; {name} wrote without a lock that it had taken before it looked"
    return None, ""


def _late_read(found: Interleaving, side: int, written_by_other: set[str]) -> tuple[Action | None, str]:
    """Return a side's last read after its own commit of a table that the other had written by then."""
    is_public, is_written = False, False
    late: Action | None = None
    for event in found.meeting.schedule:
        if event.side == side:
            if is_public and is_written and event.action.kind is Kind.READ:
                late = event.action if written_by_other & set(event.action.tables) else late
            is_public = is_public or event.action.publishes
        else:
            is_written = is_written or bool(written_by_other & set(event.action.written))
    if late is None:
        return None, ""
    what = ", ".join(sorted(written_by_other & set(late.tables)))
    return late, (
        f"; {found.names[side]} read {what} again after its commit, when {found.names[1 - side]} had written it"
    )


def _stale_read(found: Interleaving, side: int, written_by_other: set[str]) -> tuple[Action | None, str]:
    """Return a side's last unlocked read of a table before the other's write to it, where the side went on after."""
    schedule = found.meeting.schedule
    last_own = max((number for number, event in enumerate(schedule) if event.side == side), default=-1)
    for number, event in reversed(tuple(enumerate(schedule))):
        tables = set(event.action.tables) & written_by_other
        if event.side != side or event.what != "does" or event.action.kind is not Kind.READ or not tables:
            continue
        later = _writes(schedule, number, last_own, side=1 - side, tables=tables)
        if later is not None:
            what = ", ".join(sorted(tables))
            return event.action, (
                f"; {found.names[side]} read {what} without a lock, {found.names[1 - side]} wrote it before "
                f"{found.names[side]} was done"
            )
    return None, ""


def _writes(schedule: tuple[Event, ...], after: int, before: int, *, side: int, tables: set[str]) -> Event | None:
    return next(
        (event for event in schedule[after + 1 : before] if event.side == side and tables & set(event.action.written)),
        None,
    )


def _anomaly(
    found: Interleaving,
    metric: str,
    text: str,
    *,
    culprit: Action | None,
    places: tuple[str, ...] = (),
    table: str = "",
) -> Anomaly:
    words = places or (found.frames.words(culprit.marks) if culprit else ())
    head = Evidence(
        kind="write" if metric == ROWS else "hint",
        text=text,
        source=words[0] if words else "",
        frames=words[1:],
        table=table,
    )
    return Anomaly(metric=metric, evidence=(head, *_told_schedule(found)))


def _told_schedule(found: Interleaving) -> Iterator[Evidence]:
    """Yield the schedule, one line an event; savepoints change nothing that another side could see."""
    for number, event in enumerate(found.meeting.schedule, start=1):
        if event.action.kind is Kind.CONTROL:
            continue
        name = found.names[event.side]
        if event.what == "waits":
            said = f"{name} waits for {found.names[1 - event.side]}: {event.action.text}"
        elif event.what == "goes on":
            said = f"{name} goes on after waiting"
        elif event.action.kind in {Kind.COMMIT, Kind.ROLLBACK}:
            said = f"{name} {event.action.kind.value}"
        else:
            said = f"{name} {event.action.kind.value}: {event.action.text}"
        words = found.frames.words(event.action.marks)
        yield Evidence(kind="statement", text=f"{number}. {said}"[:_TEXT_LENGTH], source=words[0] if words else "")


def _last_action(meeting: Meeting, side: int | None = None) -> Action | None:
    events = [event for event in meeting.schedule if side is None or event.side == side]
    return next((event.action for event in reversed(events) if event.action.marks), None)
