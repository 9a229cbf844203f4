"""Turns: of two requests in two threads only one goes on at a time, and the database says which of them waits.

A side stops before each action until its turn comes. One that the database makes wait loses its turn, and when the
database lets it go, it stops again before anything else happens. So that an interleaving is the same in every run.
"""

import threading
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from reglab.race.scheduling.sleep import Place, sleeping_at
from reglab.race.scheduling.sync_points import Action

# How often the database is asked whether a statement waits; no verdict depends on it.
POLL_SECONDS: Final = 0.002
WATCHDOG_SECONDS: Final = 30.0
# So long a side may sleep outside of SQL before it is told to wait for the other; less where it was seen there before.
PATIENCE_SECONDS: Final = 5.0
PATIENCE_SECONDS_KNOWN: Final = 0.25


class State(StrEnum):
    """Where a side is."""

    WAITING = "waiting for its turn"
    RUNNING = "running"
    BLOCKED = "waiting in the database for the other"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a schedule: a side does something, waits for the other in the midst of it, or goes on after that."""

    side: int
    action: Action
    what: str = "does"


@dataclass(slots=True, kw_only=True)
class Side:
    """One of the two requests. `done` counts its actions; `pids` are its backends, by alias."""

    number: int
    state: State = State.WAITING
    done: int = 0
    stop_at: int | None = None
    action: Action | None = None
    is_in_database: bool = False
    pids: dict[str, int] = field(default_factory=dict)
    saw_deadlock: bool = False
    thread: threading.Thread | None = None


class Locks(Protocol):
    """Whoever knows the database's locks."""

    def holds_up(self, *, waiting: Side, holder: Side) -> bool:
        """Tell whether a statement of `waiting` waits for a lock of `holder`."""
        ...


class HungError(Exception):
    """A side neither ended nor waited in the database for the other: nothing can be said about this interleaving."""


class WaitsOutsideError(HungError):
    """A side sleeps outside of SQL while the other is stopped: it waits for something that the other holds."""

    def __init__(self, side: Side, place: Place) -> None:
        self.side = side
        self.place = place
        super().__init__("it waits outside of the database for the other")


class Turns:
    """Hands the turn to and fro between two sides, and writes the schedule down."""

    def __init__(
        self, *, locks: Locks, watchdog_seconds: float = WATCHDOG_SECONDS, known_waits: frozenset[Place] = frozenset()
    ) -> None:
        self._known_waits = known_waits
        self._asleep_since: float | None = None
        self._asleep_at: Place | None = None
        self.sides = (Side(number=0), Side(number=1))
        self.schedule: list[Event] = []
        self._locks = locks
        self._watchdog_seconds = watchdog_seconds
        self._changed = threading.Condition()
        self._holder: Side | None = None
        self._is_open = False

    # --- called by the sides' own threads ---------------------------------------------------------------------------

    def begin(self, side: Side) -> None:
        """Wait for the first turn, which may have been given before the side's thread came to ask for it."""
        side.thread = threading.current_thread()
        with self._changed:
            while self._holder is not side and not self._is_open:
                self._changed.wait()

    def arrive(self, side: Side, action: Action) -> None:
        """Stop before an action until it may be done."""
        with self._changed:
            if not self._is_open and side.done == side.stop_at:
                self._stand(side)
            side.action = action
            side.done += 1
            self.schedule.append(Event(side=side.number, action=action))
            side.is_in_database = True

    def leave(self, side: Side) -> None:
        """Go on after an action; a side that had to wait in the database stops first."""
        with self._changed:
            side.is_in_database = False
            if self._holder is not side and not self._is_open:
                self._stand(side)
                self._note(side, "goes on")

    def end(self, side: Side) -> None:
        """Give the turn back for good."""
        with self._changed:
            side.state, side.is_in_database = State.ENDED, False
            self._changed.notify_all()

    def _stand(self, side: Side) -> None:
        side.state = State.WAITING
        if self._holder is side:
            self._holder = None
        self._changed.notify_all()
        while self._holder is not side and not self._is_open:
            self._changed.wait()
        side.state = State.RUNNING

    # --- called by the referee --------------------------------------------------------------------------------------

    def go(self, side: Side, *, stop_at: int | None = None) -> State:
        """Let a side go on until it stands before action `stop_at`, is blocked or has ended; return which.

        Raises HungError where it does none of these.
        """
        with self._changed:
            side.stop_at, side.state, self._holder = stop_at, State.RUNNING, side
            self._changed.notify_all()
        deadline = time.monotonic() + self._watchdog_seconds
        while not self._has_stopped(side):
            if side.is_in_database and self._locks.holds_up(waiting=side, holder=self.other(side)):
                with self._changed:
                    side.state, self._holder = State.BLOCKED, None
                    self._note(side, "waits")
                break
            self._check(side, deadline)
        return side.state

    def settle(self, side: Side) -> State:
        """Return when it is known whether a blocked side still is: the other may have released what it waited for."""
        deadline = time.monotonic() + self._watchdog_seconds
        while side.state is State.BLOCKED and not self._locks.holds_up(waiting=side, holder=self.other(side)):
            with self._changed:
                self._changed.wait(POLL_SECONDS)
            self._check(side, deadline)
        return side.state

    def open(self) -> None:
        """Let both sides go wherever they like: the interleaving is over."""
        with self._changed:
            self._is_open = True
            self._changed.notify_all()

    def other(self, side: Side) -> Side:
        """Return the other side."""
        return self.sides[1 - side.number]

    def _has_stopped(self, side: Side) -> bool:
        with self._changed:
            if side.state is State.RUNNING:
                self._changed.wait(POLL_SECONDS)
            return side.state is not State.RUNNING

    def _check(self, side: Side, deadline: float) -> None:
        place = None if side.is_in_database or side.state is not State.RUNNING else sleeping_at(side.thread)
        if place is None or place != self._asleep_at:
            self._asleep_since, self._asleep_at = time.monotonic(), place
        elif self.other(side).state is State.WAITING and self.other(side).done:
            patience = PATIENCE_SECONDS_KNOWN if place in self._known_waits else PATIENCE_SECONDS
            if time.monotonic() - (self._asleep_since or 0) > patience:
                raise WaitsOutsideError(side, place)
        if time.monotonic() > deadline:
            where = "in a statement that waits for no lock of the other" if side.is_in_database else "outside of SQL"
            raise HungError(f"no end after {self._watchdog_seconds:.0f} s {where}")

    def _note(self, side: Side, what: str) -> None:
        if side.action is not None:
            self.schedule.append(Event(side=side.number, action=side.action, what=what))
