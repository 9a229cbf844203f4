"""Before/after pairs as a project declares them: both sides and their bounds in one place, beside the code."""

import inspect
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from reglab.benchmark.bounds import AFTER, BEFORE, TIMES_FASTER, Bound, at_least, at_most

__all__ = ["Pair", "at_least", "at_most"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One thing done in two ways. `test()` makes the test of it, for pytest-benchmark: `test_top = Pair(…).test()`.

    `before` and `after` are called without arguments and must return equal values; what they write is undone. `given`
    makes the rows first. A count that is a plain number is exact; `at_least(100)` and `at_most(3)` are bounds, and
    `times_faster` is the least ratio of the medians of one run. A pair without any of them is judged by the rules of
    the project's policy that name its scenario, and is a finding where there is none. Raises TypeError for what can be
    no pair.
    """

    scenario: str
    before: Callable[[], Any]
    after: Callable[[], Any]
    endpoint: str = ""
    given: Callable[[], Any] | None = None
    queries_before: float | Bound | None = None
    queries_after: float | Bound | None = None
    inserts_before: float | Bound | None = None
    inserts_after: float | Bound | None = None
    times_faster: float | None = None
    rounds: int = 15
    warmup_rounds: int = 2
    declared_at: str = field(default="", init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "declared_at", _place_of_caller())
        if not isinstance(self.scenario, str) or not self.scenario.strip():
            raise TypeError('a pair has a name: Pair(scenario="newest-first", …)')
        for side in (BEFORE, AFTER):
            _refuse_side(self.scenario, side, getattr(self, side))
        if self.given is not None and not callable(self.given):
            raise TypeError(f"{self.scenario}: `given` makes the rows, and is a function; not {self.given!r}")
        if not isinstance(self.rounds, int) or self.rounds < 1:
            raise TypeError(f"{self.scenario}: `rounds` is a number of executions, 1 or more, not {self.rounds!r}")
        _ = self.bounds

    @property
    def bounds(self) -> dict[str, Bound]:
        """The bounds that the pair declares, by their names. Raises TypeError for what is none."""
        names = ("queries_before", "queries_after", "inserts_before", "inserts_after")
        found = {name: Bound.of(getattr(self, name)) for name in names}
        found[TIMES_FASTER] = None if self.times_faster is None else Bound(at_least=self.times_faster)
        return {name: bound for name, bound in found.items() if bound is not None}

    def test(self) -> Callable[..., None]:
        """Return the test of the pair: once a side, equal output first, then counts, then time."""
        import pytest

        pair = self

        @pytest.mark.parametrize("side", [BEFORE, AFTER])
        @pytest.mark.benchmark(group=self.scenario)
        def test_pair(side: str, benchmark: Any, db: None) -> None:  # noqa: ARG001  # the database is asked for
            pair._measure(side, benchmark)

        made: Callable[..., None] = test_pair
        made.__doc__ = f"{self.scenario}: both sides return the same; then statements and time of each are taken."
        return made

    def _measure(self, side: str, benchmark: Any) -> None:
        if self.given is not None:
            self.given()
        call = self.before if side == BEFORE else self.after
        expected = _value_of(self.before)
        counts, found = _counted(call)
        if found != expected:
            raise AssertionError(
                f"{self.scenario}: {side} returns {_short(found)}, and before {_short(expected)}: sides that do not "
                "return the same are no pair"
            )
        benchmark.extra_info.update(
            scenario=self.scenario,
            endpoint=self.endpoint,
            variant=side,
            declared_at=self.declared_at,
            bounds={name: asdict(bound) for name, bound in self.bounds.items()},
            **counts,
        )
        undo = ExitStack()
        benchmark.pedantic(
            call,
            # Opening and undoing the transaction stand outside the clock.
            setup=lambda: undo.enter_context(_undone()),
            teardown=lambda *_: undo.close(),
            rounds=self.rounds,
            warmup_rounds=self.warmup_rounds,
        )


def _refuse_side(scenario: str, name: str, side: Any) -> None:
    if not callable(side):
        raise TypeError(f"{scenario}: `{name}` is a function that does the work once, not {side!r}")
    needed = [
        one.name
        for one in inspect.signature(side).parameters.values()
        if one.default is one.empty and one.kind in {one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY}
    ]
    if needed:
        raise TypeError(
            f"{scenario}: `{name}` is called without arguments, and needs {', '.join(needed)}: wrap it, as in "
            f"{name}=lambda: f({', '.join(needed)})"
        )


def _value_of(side: Callable[[], Any]) -> Any:
    with _undone():
        return side()


def _counted(side: Callable[[], Any]) -> tuple[dict[str, int], Any]:
    from django.db import connections

    from reglab.counters.queries import INSERTS, QUERIES, QueryCounter
    from reglab.project.source_lines import ProjectFrames

    with _undone(), QueryCounter(connections.all(), frames=ProjectFrames(base=Path.cwd())) as counter:
        found = side()
    counted = {count.metric.name: int(count.value) for count in counter.counts()}
    return {metric.name: counted[metric.name] for metric in (QUERIES, INSERTS)}, found


@contextmanager
def _undone() -> Iterator[None]:
    """Undo what the block writes, so that every execution starts from the same rows."""
    from django.db import transaction

    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _place_of_caller() -> str:
    # Behind this function, `__post_init__` and the `__init__` that calls it.
    frame = sys._getframe(3)  # noqa: SLF001  # the documented way to a frame
    path = Path(frame.f_code.co_filename)
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return f"{shown}:{frame.f_lineno}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
