"""Objects that a request leaves in memory: a leak is counted and named, a cache that is filled once is not."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import pytest

from reglab.counters.memory_leaks import EXECUTIONS, OBJECTS_KEPT, kept
from reglab.project.data.isolation import rolled_back
from reglab.project.source_lines import ProjectFrames
from service.orders.models import Customer

LEAK = """
SEEN = []

class Desk:
    drawer = {}

def remember():
    SEEN.append({"an": "answer"})

def remember_words():
    SEEN.append(str(len(SEEN)))

def file_away():
    Desk.drawer[len(Desk.drawer)] = b"bytes are not tracked"

def once():
    Desk.drawer["only"] = [1, 2, 3]

def remember_a_few():
    SEEN.append({"an": "answer"})
    del SEEN[:-40]

def forget():
    SEEN[:] = [{"the": "last"}]
"""


@pytest.fixture
def leak(tmp_path: Path) -> Iterator[ModuleType]:
    """A project of one module."""
    path = tmp_path / "leak.py"
    path.write_text(LEAK, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("leak", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["leak"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["leak"]


@pytest.fixture
def frames(tmp_path: Path) -> ProjectFrames:
    return ProjectFrames(base=tmp_path)


def test_a_growing_list_is_counted_and_named(leak: ModuleType, frames: ProjectFrames) -> None:
    """The list, the line that made it and the line that fills it are said first."""
    count = kept(leak.remember, frames=frames)
    assert count.metric is OBJECTS_KEPT
    assert count.value >= 1
    assert count.evidence[0].source == "leak.py:2"
    assert count.evidence[0].text.startswith("leak.SEEN holds 1 more after each request")
    assert "leak.py:8" in {one.source for one in count.evidence}


@pytest.mark.parametrize("name", ["remember_words", "file_away"])
def test_what_the_collector_does_not_track_is_counted_by_its_container(
    leak: ModuleType, frames: ProjectFrames, name: str
) -> None:
    """Strings and bytes are no tracked objects; the project's containers that hold them grow all the same."""
    count = kept(getattr(leak, name), frames=frames)
    assert count.value == 1
    assert count.evidence[0].text.startswith(("leak.SEEN", "leak.Desk.drawer"))


@pytest.mark.parametrize("name", ["once", "forget", "remember_a_few"])
def test_what_does_not_grow_is_not_counted(leak: ModuleType, frames: ProjectFrames, name: str) -> None:
    """What is filled once, replaced each time, or bounded at forty entries, is no leak."""
    assert kept(getattr(leak, name), frames=frames).value == 0


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_cursor_on_the_server_leaves_nothing_behind(frames: ProjectFrames) -> None:
    """The driver keeps texts of statements: a cursor of another name each time would cost many more executions."""
    executions = 0

    def execute() -> None:
        nonlocal executions
        executions += 1
        with rolled_back():
            list(Customer.objects.filter(pk=1).iterator())

    execute()
    executions = 0
    assert kept(execute, frames=frames).value == 0
    assert executions <= EXECUTIONS


def test_a_function_cache_that_grows_is_counted(leak: ModuleType, frames: ProjectFrames) -> None:
    """`lru_cache(maxsize=None)` on what differs at each request never ends."""
    keys = iter(range(1_000_000))
    leak.cached = lru_cache(maxsize=None)(lambda number: number)  # type: ignore[attr-defined]
    execute: Callable[[], object] = lambda: leak.cached(next(keys))  # noqa: E731
    count = kept(execute, frames=frames)
    assert count.value >= 1
    assert "leak.cached holds 1 more" in count.evidence[0].text
