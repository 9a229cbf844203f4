"""Fixtures that count work in anybody's tests: `query_budget`, and `work` for the scenarios of a suite.

Loaded with pytest itself, before any settings: whatever needs Django is imported by the fixtures.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from reglab.termination import end_with_parent

if TYPE_CHECKING:
    from reglab.counters.queries import QueryCounter
    from reglab.testing.blocks import Block
    from reglab.testing.scenario_items import SuiteModule
    from reglab.testing.work import Work

Budget = Callable[..., "Block[QueryCounter]"]
SUITE_OPTION: Final = "work_suite"
MARKER: Final = "query_budget"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a project name its suite, by an option or in its configuration."""
    parser.getgroup("regression lab").addoption(
        "--work-suite", metavar="PATH", help="the suite of the fixture `work` (default: the one of [tool.reglab])"
    )
    parser.addini(SUITE_OPTION, "the suite of the fixture `work`", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker; pytest that runs the pairs of a benchmark ends with it."""
    end_with_parent()
    config.addinivalue_line(
        "markers", "query_budget(exactly, *, at_most, using, info): the test's body sends so many queries"
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "SuiteModule | None":
    """Collect the scenarios of a suite's file, each as a test, where somebody asked for the suite: never by the way."""
    if file_path.suffix != ".toml":
        return None
    suite = _suite_path(parent.config).resolve()
    if not suite.exists() or not _is_inside(file_path.resolve(), suite):
        return None
    asked = (Path(argument.partition("::")[0]).resolve() for argument in parent.config.args)
    if not any(_is_inside(path, suite) for path in asked):
        return None
    from reglab.testing.scenario_items import SuiteModule

    return SuiteModule.from_parent(parent, path=file_path)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[Any]:
    """Hold the body of a test with the marker against its budget."""
    marker = pyfuncitem.get_closest_marker(MARKER)
    if marker is None:
        return (yield)
    from reglab.testing.budget import query_budget as budget

    if len(marker.args) > 1:
        raise TypeError("the marker takes one number: @pytest.mark.query_budget(3), or query_budget(at_most=3)")
    with budget(*marker.args, **{"base": pyfuncitem.config.rootpath, **marker.kwargs}):
        return (yield)


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Show the statements of a counted number whose assertion failed."""
    number = next((one for one in (left, right) if type(one).__name__ == "CountedNumber"), None)
    if number is None:
        return None
    shown: str = getattr(number, "shown", "")
    metric: str = getattr(number, "metric", "")
    return [f"{left!s} {op} {right!s}: {metric} of the scenario", *shown.splitlines()]


@pytest.fixture
def query_budget(pytestconfig: pytest.Config) -> Iterator[Budget]:
    """Give `query_budget(3)`: the block sends exactly 3 queries; `query_budget(at_most=3)`: 3 or fewer.

    Transaction control does not count. A failure shows every query with the lines of the project that sent it.
    """
    from reglab.testing.blocks import Blocks
    from reglab.testing.budget import query_budget as budget

    blocks = Blocks()

    def made(*numbers: Any, **options: Any) -> "Block[QueryCounter]":
        if len(numbers) > 1:
            raise TypeError("query_budget takes one number: query_budget(3) or query_budget(at_most=3)")
        return blocks.add(budget(*numbers, **{"base": pytestconfig.rootpath, **options}))

    yield made
    blocks.refuse_unused()


@pytest.fixture
def work(db: None, pytestconfig: pytest.Config) -> "Iterator[Work]":  # noqa: ARG001  # so that the database is there
    """Give the audit's engine: `with work.scenario("sell") as counted: assert counted["queries"] == 2`."""
    from reglab.config.suite import read_suite
    from reglab.testing.work import Work

    counting = Work(read_suite(_suite_path(pytestconfig)))
    yield counting
    counting.refuse_unused()


def _is_inside(path: Path, suite: Path) -> bool:
    return path == suite or suite in path.parents


def _suite_path(config: pytest.Config) -> Path:
    """Return the suite that an option, the configuration of pytest, or [tool.reglab] names."""
    from reglab.config.project import read_project

    try:
        named = config.getoption("--work-suite", default=None) or config.getini(SUITE_OPTION)
    except ValueError:  # the fixture was imported, and the plugin not loaded
        named = ""
    return config.rootpath / named if named else read_project(config.rootpath).suite_path
