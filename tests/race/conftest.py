"""An arena on the tests' own database: a customer with an order, and the endpoints of `names`."""

import http.cookies
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from reglab.config.suite import SuiteFile, read_suite
from reglab.project.data.isolation import Sequences
from reglab.project.endpoints.coverage import coverage_of
from reglab.project.endpoints.discovery import Endpoints
from reglab.project.source_lines import ProjectFrames
from reglab.race.database_snapshot import Ground
from reglab.race.pair_runner import Arena, PairResult
from reglab.race.pairs import pairs_of
from reglab.race.scheduling.schedule_run import Meetings
from reglab.report.records import Evidence
from service.orders.models import Customer, Order
from tests.race.names import VIEWS

HERE = Path(__file__).resolve().parent
BINDINGS = """
[race.on.customer]
model = "orders.Customer"
[race.on.order]
model = "orders.Order"
filter = { customer = "{customer}" }
"""
ABOUT_ORDERS = ("answered-by-get", "answered-by-write", "removed")


def suite_text(*, more: str = "") -> str:
    """The suite of `names`: a scenario a view, one race on the customer and the order."""
    names = [view.__name__.replace("_", "-") for view in VIEWS]
    subjects = {name: "{order}" if name in ABOUT_ORDERS else "{customer}" for name in names}
    scenarios = (f'[[scenario]]\nname = "{name}"\nrequest = "POST /{name}/{subjects[name]}/"\n' for name in names)
    return f'schema_version = 1\n{"".join(scenarios)}\n[[race]]\nname = "one"\n{BINDINGS}\n{more}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Raced:
    """What a pair of views came to."""

    result: PairResult

    @property
    def metrics(self) -> set[str]:
        """Which kinds of anomalies there were."""
        return {anomaly.metric for anomaly in self.result.anomalies}

    @property
    def head(self) -> Evidence:
        """The first anomaly's sentence and line."""
        return self.result.anomalies[0].evidence[0]

    @property
    def schedule(self) -> str:
        """The first anomaly's schedule, a line an event."""
        return "\n".join(evidence.text for evidence in self.result.anomalies[0].evidence[1:])


@pytest.fixture
def suite(tmp_path: Path, settings: Any) -> Callable[..., SuiteFile]:
    """A function that reads the suite of `names`, with more of it where that is given."""
    settings.ROOT_URLCONF = "tests.race.names"
    settings.MIDDLEWARE = []

    def read(more: str = "") -> SuiteFile:
        path = tmp_path / "suite.toml"
        path.write_text(suite_text(more=more), encoding="utf-8")
        return read_suite(path)

    return read


@pytest.fixture
def rows(transactional_db: None) -> Iterator[tuple[int, int]]:
    """A customer's and an order's id; the sequences stand afterwards as before."""
    sequences = Sequences()
    customer = Customer.objects.create(name="Ann", email="ann@rows.example")
    order = Order.objects.create(customer=customer)
    yield customer.pk, order.pk
    sequences.restore()
    connection.close()


@pytest.fixture
def raced(rows: tuple[int, int], suite: Callable[..., SuiteFile]) -> Callable[..., Raced]:
    """A function that lets two views meet in every way."""

    def race(left: str, right: str, *, more: str = "", watchdog_seconds: float = 30.0) -> Raced:
        file = suite(more)
        frames = ProjectFrames(base=HERE)
        meetings = Meetings(cookies=http.cookies.SimpleCookie(), frames=frames, watchdog_seconds=watchdog_seconds)
        with closing(meetings):
            arena = Arena(file=file, ground=Ground(), meetings=meetings, frames=frames)
            pairs = pairs_of(file, file.suite.race[0], coverage=coverage_of(file, Endpoints()), sizes={})
            return Raced(result=arena.result_of(next(pair for pair in pairs if pair.name == f"{left}+{right}")))

    return race
