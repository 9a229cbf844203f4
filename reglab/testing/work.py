"""The audit's engine inside a test: scenarios and single requests, counted in the test's own transaction."""

import asyncio
import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.db import connections, transaction

from reglab.config.nearest_word import nearest
from reglab.config.suite import Scenario, SuiteFile
from reglab.counters.engine.definition import Depth
from reglab.counters.engine.execution import Executor
from reglab.counters.engine.point_bench import PointBench
from reglab.errors import AuditError
from reglab.project.data.bloat_cleanup import NoTraces
from reglab.project.data.databases import own_aliases
from reglab.project.data.dataset import Dataset
from reglab.project.data.dataset_sizes import Point, points_of
from reglab.project.source_lines import ProjectFrames
from reglab.project.test_environment import project_frames
from reglab.testing.asked_requests import asked_scenario
from reglab.testing.blocks import Block, Blocks, told_call
from reglab.testing.counted import Counted, refuse_unknown_metric
from reglab.testing.request_handler import loaded_handler
from reglab.work.growth import exponent

# The scenarios whose code this process has run before: lazy imports and caches of the code itself are filled.
_warm: Final[set[str]] = set()


@lru_cache(maxsize=8)
def _frames_of(folder: Path) -> ProjectFrames:  # noqa: ARG001  # a test may change the working folder
    """Keep what is known of the project's files: to find it out anew costs more than a request."""
    return project_frames()


class Work:
    """Counts scenarios of a suite, and requests of a test's own, as the audit does."""

    def __init__(self, file: SuiteFile) -> None:
        refuse_event_loop("work")
        self._file = file
        self._blocks = Blocks()

    def refuse_unused(self) -> None:
        """Raise NeverEnteredError where a block was made and nothing ran in it."""
        self._blocks.refuse_unused()

    def scenario(self, name: str, **sizes: int) -> Block[Counted]:
        """Build the dataset, execute a scenario of the suite, and give what it counted.

        `sizes` replace the base of their axes. The status and the write-set are asserted when the block is left, so
        that a block may look at what went wrong first. Everything is rolled back.
        """
        scenario = self._named(name)
        self._refuse_unknown_sizes(sizes)
        told = told_call("work.scenario", name, **sizes)
        return self._blocks.add(Block(lambda: _checked(lambda: self._measured(scenario, sizes)), told=told))

    def request(self, request: str, **options: Any) -> Block[Counted]:
        """Send one request to the rows that the test has made, and give what it counted; nothing is built.

        Options are `body`, `status` (200), and `writes`, the write-set by table: what a scenario of a suite says.
        Raises AuditError for a request that is none, and for tables and words that nothing can write.
        """
        scenario = asked_scenario(request, options)
        point = Point(variant="", axis="", sizes={}, dataset_sizes={})
        told = told_call("work.request", request, **options)
        return self._blocks.add(
            Block(lambda: _checked(lambda: self._counted(scenario, point, dataset=None)), told=told)
        )

    def growth(self, name: str, metric: str, *, axis: str) -> float:
        """Return k where a counter of a scenario grows like the axis's size to the power of k."""
        self._refuse_unknown_sizes({axis: 0})
        refuse_unknown_metric(metric)
        sizes, at = self._file.suite.axes[axis].sizes, self._file.suite.axes[axis].at
        if len(sizes) < 2:
            raise AuditError(f"{self._file.path}: the axis {axis!r} has one size, and growth shows between two")
        scenario = self._named(name)
        return exponent([(size, self._measured(scenario, {**at, axis: size})[metric]) for size in sorted(sizes)])

    def _refuse_unknown_sizes(self, sizes: Mapping[str, object]) -> None:
        axes = self._file.suite.axes
        for axis, size in sizes.items():
            if axis not in axes:
                raise AuditError(f"{self._file.path}: no axis is called {axis!r}{nearest(axis, axes)}")
            if not isinstance(size, int) or isinstance(size, bool) or size < 0:
                raise AuditError(f"the size of the axis {axis!r} is a number of rows, 0 or more, not {size!r}")

    def _named(self, name: str) -> Scenario:
        found = next((one for one in self._file.suite.scenario if one.name == name), None)
        if found is None:
            known = [one.name for one in self._file.suite.scenario]
            raise AuditError(f"{self._file.path}: no scenario is called {name!r}{nearest(str(name), known)}")
        return found

    def _measured(self, scenario: Scenario, sizes: Mapping[str, int], *, depth: Depth = Depth.DATABASE) -> Counted:
        axes = self._file.suite.axes
        base = {**(points_of(axes)[0].sizes if axes else {}), **sizes}
        inner = {name: size for name, size in base.items() if not axes[name].in_request}
        point = Point(variant="", axis=next(iter(axes), ""), sizes=base, dataset_sizes=inner)
        with _undone():
            dataset = Dataset(self._file)
            dataset.build(**inner)
            counted = self._counted(scenario, point, dataset=dataset, depth=depth)
        return replace(counted, deeper=lambda further: self._measured(scenario, sizes, depth=further))

    def _counted(
        self, scenario: Scenario, point: Point, *, dataset: Dataset | None, depth: Depth = Depth.DATABASE
    ) -> Counted:
        """Count at one depth. Python's own work is slow to count, and is counted anew where it is asked for."""
        cookies = (dataset or Dataset(self._file)).cookies(**point.dataset_sizes)
        executor = Executor(cookies=cookies, traces=NoTraces(), handler=loaded_handler())
        bench = PointBench(file=self._file, point=point, executor=executor, frames=_frames_of(Path.cwd()))
        warmed = f"{self._file.path} {scenario.name} {scenario.all_steps}"
        with _cheap_collections():
            taking = bench.take(scenario, is_first=warmed not in _warm, depth=depth)
        _warm.add(warmed)
        values: dict[tuple[str, str], int] = {}
        for count in taking.counts:
            key = (count.metric.name, count.part)
            values[key] = values.get(key, 0) + int(count.value)
        return Counted(
            name=scenario.name,
            taking=taking,
            values=values,
            deeper=lambda further: self._counted(scenario, point, dataset=dataset, depth=further),
        )


@contextmanager
def _checked(count: Callable[[], Counted]) -> Iterator[Counted]:
    counted = count()
    yield counted
    counted.check()


@contextmanager
def _cheap_collections() -> Iterator[None]:
    """Leave what a test session has loaded out of the garbage collector's sight: each counted execution collects."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    for alias in own_aliases():
        connections[alias].run_on_commit.clear()


def refuse_event_loop(fixture: str) -> None:
    """Raise AuditError inside a coroutine: the counters follow the statements of one thread, and Django moves them."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise AuditError(
        f"the fixture {fixture!r} counts the statements of one thread, and in an async test Django sends them from "
        "another: use it in a plain test function, which calls the coroutine with asgiref.sync.async_to_sync"
    )
