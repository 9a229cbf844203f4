"""Turns: one side at a time, and what the database says decides who waits."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from reglab.race.scheduling.scheduler import HungError, Side, State, Turns
from reglab.race.scheduling.sync_points import Action, Kind


class FakeLocks:
    """Says that a side waits while its number is in `waiting`."""

    def __init__(self) -> None:
        self.waiting: set[int] = set()

    def holds_up(self, *, waiting: Side, holder: Side) -> bool:
        return waiting.number in self.waiting and holder.number not in self.waiting


def statement(text: str) -> Action:
    return Action(kind=Kind.WRITE, text=text)


@contextmanager
def running(turns: Turns, *works: Callable[[Side], None]) -> Iterator[None]:
    """Run each work as a side, in a thread of its own."""

    def run(side: Side, work: Callable[[Side], None]) -> None:
        turns.begin(side)
        work(side)
        turns.end(side)

    threads = [threading.Thread(target=run, args=pair) for pair in zip(turns.sides, works, strict=True)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        turns.open()
        for thread in threads:
            thread.join()


def doing(turns: Turns, *texts: str) -> Callable[[Side], None]:
    """Return a side's work: these statements, one after the other."""

    def work(side: Side) -> None:
        for text in texts:
            turns.arrive(side, statement(text))
            turns.leave(side)

    return work


def told(turns: Turns) -> list[str]:
    return [f"{event.side} {event.what} {event.action.text}" for event in turns.schedule]


def test_a_side_stops_where_it_is_told_and_nothing_else_happens_meanwhile() -> None:
    """The first stops before its second statement, the second runs to its end, the first goes on."""
    turns = Turns(locks=FakeLocks())
    first, second = turns.sides
    with running(turns, doing(turns, "a", "b"), doing(turns, "c", "d")):
        assert turns.go(first, stop_at=1) is State.WAITING
        assert told(turns) == ["0 does a"]
        assert turns.go(second) is State.ENDED
        assert turns.go(first) is State.ENDED
    assert told(turns) == ["0 does a", "1 does c", "1 does d", "0 does b"]


def test_a_turn_is_not_lost_on_a_thread_that_comes_late() -> None:
    """A side that gets its turn before its thread has asked for it takes it, and does all that it has to do."""
    turns, states = Turns(locks=FakeLocks()), list[State]()
    side = turns.sides[0]
    referee = threading.Thread(target=lambda: states.append(turns.go(side)))
    referee.start()
    while side.state is not State.RUNNING:
        time.sleep(0.001)
    turns.begin(side)
    doing(turns, "a")(side)
    turns.end(side)
    referee.join()
    assert states == [State.ENDED]
    assert told(turns) == ["0 does a"]


def test_a_blocked_side_loses_its_turn_and_stops_when_it_comes_back() -> None:
    """A side that the database held up does nothing more until its turn comes again, although it could."""
    locks, released = FakeLocks(), threading.Event()
    turns = Turns(locks=locks)
    first, second = turns.sides

    def waits(side: Side) -> None:
        turns.arrive(side, statement("locked"))
        released.wait()
        turns.leave(side)
        doing(turns, "after")(side)

    with running(turns, doing(turns, "a", "b"), waits):
        turns.go(first, stop_at=1)
        locks.waiting.add(1)
        assert turns.go(second) is State.BLOCKED
        assert turns.settle(second) is State.BLOCKED
        locks.waiting.clear()
        released.set()
        assert turns.settle(second) is State.WAITING
        assert turns.go(first) is State.ENDED
        assert turns.go(second) is State.ENDED
    assert told(turns) == [
        "0 does a",
        "1 does locked",
        "1 waits locked",
        "0 does b",
        "1 goes on locked",
        "1 does after",
    ]


def test_a_side_that_neither_ends_nor_waits_in_the_database_is_hung() -> None:
    """What waits elsewhere is reported, not taken for blocked and not for done."""
    turns, released = Turns(locks=FakeLocks(), watchdog_seconds=0.05), threading.Event()

    def hangs(side: Side) -> None:
        released.wait()

    with running(turns, hangs, doing(turns)):
        with pytest.raises(HungError, match="outside of SQL"):
            turns.go(turns.sides[0])
        released.set()
