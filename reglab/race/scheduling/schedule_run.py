"""Two requests on the same rows: one after the other, or interleaved at one moment of the first."""

import http.cookies
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reglab.errors import AuditError
from reglab.project.requests.test_client import Answer, Request, Visitor, answers_to
from reglab.project.source_lines import ProjectFrames
from reglab.race.scheduling.locks import DatabaseLocks, end_backends
from reglab.race.scheduling.scheduler import (
    WATCHDOG_SECONDS,
    Event,
    HungError,
    Side,
    State,
    Turns,
    WaitsOutsideError,
)
from reglab.race.scheduling.sleep import Place
from reglab.race.scheduling.sync_points import Action, Kind
from reglab.race.scheduling.workers import GRACE_SECONDS, Errand, Worker, exceptions_noted


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlock:
    """Two sides that wait for each other, and what each is doing there. PostgreSQL would cancel one of them."""

    waiting: tuple[Action, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """What happened: the schedule, the answers of each side, its exception where it raised one, or why it never ended.

    `waiting_side` waits for the other outside of the database, at the project's lines `waits_at`, innermost first.
    `missed_stop` tells that the first side never came to the moment at which it was to be stopped.
    """

    schedule: tuple[Event, ...]
    answers: tuple[tuple[Answer, ...], ...]
    errors: tuple[BaseException | None, ...]
    deadlock: Deadlock | None = None
    hung: str = ""
    missed_stop: bool = False
    waiting_side: int | None = None
    waits_at: tuple[str, ...] = ()

    def trace(self, side: int) -> tuple[Action, ...]:
        """Return what one side did, in order."""
        return tuple(event.action for event in self.schedule if event.side == side and event.what == "does")

    @property
    def waits_at_its_first_lock(self) -> bool:
        """Whether the second side had to wait for the first before it had locked or written anything itself."""
        waited = next((event.action for event in self.schedule if event.side == 1 and event.what == "waits"), None)
        locking = (action for action in self.trace(1) if action.kind in {Kind.LOCK, Kind.WRITE})
        return waited is not None and waited is next(locking, None)


class Meetings:
    """Lets two requests meet. Each side has a client, a thread and connections; after `close` the next are new."""

    def __init__(
        self,
        *,
        cookies: http.cookies.SimpleCookie,
        frames: ProjectFrames,
        watchdog_seconds: float = WATCHDOG_SECONDS,
    ) -> None:
        self._visitors = (Visitor(cookies=cookies), Visitor(cookies=cookies))
        self._workers = (Worker(), Worker())
        self._frames = frames
        self._watchdog_seconds = watchdog_seconds
        self._known_waits: frozenset[Place] = frozenset()

    def close(self) -> None:
        """End both sides' threads and connections, with whatever their sessions hold."""
        for worker in self._workers:
            worker.close()

    def alone(self, requests: tuple[Request, ...]) -> Meeting:
        """Send one side's requests, the other side none."""
        return self._meet((requests, ()), _one_after_the_other)

    def in_turn(self, first: tuple[Request, ...], second: tuple[Request, ...]) -> Meeting:
        """Send the requests of both sides, the second when the first has ended."""
        return self._meet((first, second), _one_after_the_other)

    def interleaved(self, first: tuple[Request, ...], second: tuple[Request, ...], *, stop: int) -> Meeting:
        """Stop the first before its action `stop`, let the second go until it ends or is blocked, then go on."""
        return self._meet((first, second), lambda turns: _stopped(turns, stop=stop))

    def _meet(self, requests: Sequence[tuple[Request, ...]], referee: Callable[[Turns], bool]) -> Meeting:
        turns = Turns(locks=DatabaseLocks(), watchdog_seconds=self._watchdog_seconds, known_waits=self._known_waits)
        errands = [
            Errand(side=side, turns=turns, visitor=visitor, requests=some, frames=self._frames)
            for side, visitor, some in zip(turns.sides, self._visitors, requests, strict=True)
        ]
        deadlock, hung, missed_stop = None, "", False
        waiting_side: int | None = None
        waits_at: tuple[str, ...] = ()
        with exceptions_noted(errands):
            for worker, errand in zip(self._workers, errands, strict=True):
                worker.start(errand)
            try:
                missed_stop = referee(turns)
            except _DeadlockError:
                deadlock = Deadlock(waiting=tuple(side.action for side in turns.sides if side.action))
            except WaitsOutsideError as error:
                hung, waiting_side, waits_at = str(error), error.side.number, self._words(error.place)
                self._known_waits |= {error.place}
            except HungError as error:
                hung = str(error)
            finally:
                self._dismiss(turns, errands, is_over=deadlock is None and not hung)
        for errand in errands:
            if errand.broken is not None and deadlock is None and not hung:
                raise errand.broken
        if deadlock is None and any(side.saw_deadlock for side in turns.sides):
            deadlock = Deadlock(waiting=tuple(event.action for event in turns.schedule if event.what == "waits"))
        return Meeting(
            schedule=tuple(turns.schedule),
            answers=tuple(answers_to(errand.requests, errand.responses) for errand in errands),
            errors=tuple(errand.error for errand in errands),
            deadlock=deadlock,
            hung=hung,
            missed_stop=missed_stop,
            waiting_side=waiting_side,
            waits_at=waits_at,
        )

    def _words(self, place: Place) -> tuple[str, ...]:
        marks = [(code, line) for code, line in place if self._frames.is_project(code.co_filename)]
        return self._frames.words(marks[:4])

    def _dismiss(self, turns: Turns, errands: Sequence[Errand], *, is_over: bool) -> None:
        """See both sides off. Raises AuditError for one that does not end whatever is done to it."""
        turns.open()
        if not is_over:
            end_backends(turns.sides)
        for errand in errands:
            if not errand.is_over.wait(GRACE_SECONDS):
                asked = " ".join(f"{request.method} {request.path}" for request in errand.requests)
                raise AuditError(f"a request does not end, not even without its database connection: {asked}")
        if not is_over:
            # A connection may learn only later that its backend has been ended: nobody shall meet on it again.
            self.close()


class _DeadlockError(Exception):
    """Each side waits for the other."""


def _one_after_the_other(turns: Turns) -> bool:
    for side in turns.sides:
        turns.go(side)
    return False


def _stopped(turns: Turns, *, stop: int) -> bool:
    first, second = turns.sides
    missed = turns.go(first, stop_at=stop) is State.ENDED
    turns.go(second)
    _finish(turns, first)
    return missed


def _finish(turns: Turns, active: Side) -> None:
    """Let the active side go on to its end, then the other; where the active one is blocked, the other comes first.

    While the other is blocked, the active one goes step by step, so that the schedule shows when it was let go.
    """
    other = turns.other(active)
    while not active.state is other.state is State.ENDED:
        if active.state is State.BLOCKED and turns.settle(active) is State.BLOCKED:
            if other.state is State.BLOCKED and turns.settle(other) is State.BLOCKED:
                raise _DeadlockError
            active, other = other, active
        elif active.state is State.ENDED:
            active, other = other, active
        elif other.state is State.BLOCKED:
            turns.go(active, stop_at=active.done + 1)
            turns.settle(other)
        else:
            turns.go(active)
