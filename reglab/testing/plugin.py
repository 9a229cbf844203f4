"""Fixtures that count work in anybody's tests: `query_budget`, and `work` for the scenarios of a suite."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    # Loaded with pytest itself, before any settings: what needs Django is imported by the fixtures.
    from reglab.counters.queries import QueryCounter
    from reglab.testing.fixtures import Work

Budget = Callable[..., AbstractContextManager["QueryCounter"]]
SUITE_OPTION: Final = "work_suite"
DEFAULT_SUITE: Final = "bench/scenarios"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a project name its suite file."""
    parser.addini(SUITE_OPTION, "the suite file of the fixture `work`", default=DEFAULT_SUITE)


@pytest.fixture
def query_budget(pytestconfig: pytest.Config) -> Budget:
    """Give `query_budget(3)`: the block sends exactly 3 queries; `query_budget(at_most=3)`: 3 or fewer.

    Transaction control does not count. A failure shows every query with the lines of the project that sent it.
    """
    from django.db import connections

    from reglab.counters.queries import QUERIES, QueryCounter
    from reglab.project.source_lines import ProjectFrames
    from reglab.testing.fixtures import listed

    @contextmanager
    def budget(exactly: int | None = None, *, at_most: int | None = None) -> Iterator[QueryCounter]:
        if (exactly is None) == (at_most is None):
            raise TypeError("query_budget takes one number: query_budget(3) or query_budget(at_most=3)")
        counter = QueryCounter(connections.all(), frames=ProjectFrames(base=pytestconfig.rootpath))
        with counter:
            yield counter
        found = next(count for count in counter.counts() if count.metric is QUERIES)
        kept = found.value == exactly if at_most is None else found.value <= at_most
        if not kept:
            expected = f"exactly {exactly}" if at_most is None else f"at most {at_most}"
            pytest.fail(f"expected {expected} queries, found {found.value}:\n{listed(found.evidence)}", pytrace=False)

    return budget


@pytest.fixture
def work(db: None, pytestconfig: pytest.Config) -> "Work":  # noqa: ARG001  # asked for so that the database is there
    """Give the audit's engine: `with work.scenario("cancel-order") as counted: assert counted["queries"] == 2`."""
    from reglab.config.suite import read_suite
    from reglab.testing.fixtures import Work

    try:
        suite = pytestconfig.getini(SUITE_OPTION)
    except ValueError:  # the fixture was imported, and the plugin not loaded
        suite = DEFAULT_SUITE
    return Work(read_suite(pytestconfig.rootpath / suite))
