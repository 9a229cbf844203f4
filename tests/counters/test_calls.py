"""The call, bytecode and memory counters: what they see, what they leave out, and that they repeat exactly."""

import gc
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from reglab.counters.bytecodes import BytecodeCounter
from reglab.counters.calls import CallCounter
from reglab.counters.engine.definition import Counter
from reglab.counters.memory import MemoryCounter
from reglab.project.data.driver import CounterError
from reglab.project.source_lines import ProjectFrames
from tests.counters.support import ROOT, values

FRAMES = ProjectFrames(base=ROOT)


def leaf(number: int) -> int:
    return abs(number)


def loop(times: int) -> None:
    for number in range(times):
        leaf(number)


def counted(counter: Counter, times: int) -> dict[str, int | float]:
    with counter:
        loop(times)
    return values(counter)


def test_calls_are_counted_by_language() -> None:
    """Ten more turns are ten more Python calls and ten more C calls, and nothing else."""
    few, many = (counted(CallCounter(frames=FRAMES), times) for times in (5, 15))
    assert many["python_calls"] - few["python_calls"] == 10
    assert many["c_calls"] - few["c_calls"] == 10


def test_the_counter_does_not_count_itself() -> None:
    """An empty block has no calls: entering and leaving it are the counter's own."""
    with CallCounter(frames=FRAMES) as counter:
        pass
    assert values(counter) == {"python_calls": 0, "c_calls": 0}


def test_equal_work_counts_equally() -> None:
    """A renamed function that does the same has the same counts."""

    def renamed(number: int) -> int:
        return abs(number)

    with CallCounter(frames=FRAMES) as one:
        leaf(1)
    with CallCounter(frames=FRAMES) as other:
        renamed(1)
    assert values(one) == values(other)


def test_the_projects_functions_are_named_most_called_first() -> None:
    """Evidence names file, line and function, the most called first."""
    counter = CallCounter(frames=FRAMES)
    counted(counter, 7)
    evidence = counter.counts()[0].evidence
    assert (evidence[0].text, evidence[0].count) == ("leaf", 7)
    assert evidence[0].source == f"tests/counters/test_calls.py:{leaf.__code__.co_firstlineno} in leaf"


def test_another_thread_is_not_counted() -> None:
    """What a second thread does changes nothing."""

    def waited(times: int) -> dict[str, int | float]:
        start, done = threading.Event(), threading.Event()

        def work() -> None:
            start.wait()
            loop(times)
            done.set()

        thread = threading.Thread(target=work)
        thread.start()
        counter = CallCounter(frames=FRAMES)
        with counter:
            start.set()
        done.wait()
        thread.join()
        return values(counter)

    assert waited(3) == waited(300)


def test_the_collector_rests_and_comes_back() -> None:
    """Garbage collection is off inside the block and on again after it, even when the block failed."""
    inside = []
    with pytest.raises(ZeroDivisionError), CallCounter(frames=FRAMES):
        inside.append(gc.isenabled() or 1 / 0)
    assert inside == []
    assert gc.isenabled()
    assert sys.getprofile() is None


def test_a_second_profiler_is_refused() -> None:
    """Where another profiler runs the counts would be neither's: the counter says so."""
    sys.setprofile(lambda *_: None)
    try:
        with pytest.raises(CounterError, match="another profiler"), CallCounter(frames=FRAMES):
            pass
    finally:
        sys.setprofile(None)


def test_bytecodes_see_a_loop_that_calls_nothing() -> None:
    """A loop without calls executes more instructions the longer it is, exactly in proportion."""

    def spin(times: int) -> float:
        counter = BytecodeCounter(frames=FRAMES)
        with counter:
            for _ in range(times):
                pass
        return values(counter)["bytecodes"]

    first, second, third = spin(10), spin(20), spin(30)
    assert second - first == third - second > 0


def test_bytecodes_do_not_count_another_thread() -> None:
    """What a second thread executes changes nothing, and the counter's own instructions do not count."""
    seen = []
    for times in (3, 300):
        thread = threading.Thread(target=loop, args=(times,))
        with BytecodeCounter(frames=FRAMES) as counter:
            leaf(1)
        with BytecodeCounter(frames=FRAMES) as beside:
            thread.start()
            thread.join()
        names = [evidence.text for evidence in beside.counts()[0].evidence]
        assert "loop" not in names
        seen.append(values(counter))
    assert seen[0] == seen[1]


def test_the_tracer_of_before_is_put_back() -> None:
    """A coverage or debugging tracer that was there is there again after the block."""
    before = sys.gettrace()
    with pytest.raises(ZeroDivisionError), BytecodeCounter(frames=FRAMES):
        raise ZeroDivisionError
    assert sys.gettrace() is before


def test_memory_shows_a_large_allocation_and_not_a_small_one() -> None:
    """A list of a megabyte raises the peak by about that; a few numbers do not."""
    with MemoryCounter() as small:
        loop(3)
    with MemoryCounter() as large:
        assert len(bytearray(1_000_000)) == 1_000_000
    assert values(small)["peak_memory_bytes"] < 100_000
    assert 1_000_000 <= values(large)["peak_memory_bytes"] < 1_200_000


@pytest.mark.slow
def test_a_request_counts_the_same_in_every_process() -> None:
    """Calls, and bytecodes where they exist, of a list request are equal in five processes with five hash seeds."""
    script = Path(__file__).with_name("counted_request.py")
    processes = [
        subprocess.Popen(
            [sys.executable, script],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "PYTHONHASHSEED": str(seed),
                "PYTHONPATH": str(ROOT),
                "SERVICE_ENVIRONMENT": "test",
                "DATABASE_URL": "sqlite:///:memory:",
                "UNRELATED": "x" * seed * 100,
            },
        )
        for seed in range(1, 6)
    ]
    answers = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 5
    assert len(set(answers)) == 1, answers
    found = json.loads(answers[0])
    assert found["status"] == 200
    assert found["bytecodes"] > found["python_calls"] > 1000


class Part:
    """Something that is made anew each time."""

    def __init__(self, number: int) -> None:
        self.number = number


def makes_parts(times: int) -> None:
    for number in range(times):
        Part(number)


def test_making_an_object_is_charged_to_whom_it_is_made_for() -> None:
    """The constructor is not the line to change; the total is the same."""
    with CallCounter(frames=FRAMES) as counter:
        makes_parts(9)
    total = counter.counts()[0]
    assert (total.values, total.evidence[0].text, total.evidence[0].count) == ((10,), "makes_parts", 10)
