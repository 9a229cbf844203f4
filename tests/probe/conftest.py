"""Ground of the audits beyond counting on the tests' own database: a customer with orders; the views of `faults`."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
from django.db import connection

from reglab.config.suite import read_suite
from reglab.project.audit_ground import AuditGround
from reglab.project.data.databases import MeasuringDatabases
from reglab.project.data.dataset import Dataset
from reglab.project.data.dataset_sizes import points_of
from reglab.project.data.isolation import Sequences
from reglab.project.endpoints.coverage import coverage_of
from reglab.project.endpoints.discovery import Endpoints
from reglab.project.source_lines import ProjectFrames
from service.orders.models import Customer, Order, OrderItem

HERE = Path(__file__).resolve().parent
ORDERS = 8
Grounds = Callable[..., AuditGround]


@pytest.fixture
def rows(transactional_db: None) -> Iterator[None]:
    """A customer with eight orders of one line; the sequences stand afterwards as before."""
    sequences = Sequences()
    customer = Customer.objects.create(name="Ann", email="ann@rows.example")
    for number in range(ORDERS):
        order = Order.objects.create(customer=customer)
        OrderItem.objects.create(order=order, sku=f"S-{number}", quantity=1, unit_price_cents=100)
    yield
    sequences.restore()
    connection.close()


@pytest.fixture
def ground(rows: None, tmp_path: Path, settings: Any) -> Grounds:
    """A function that returns the ground of one scenario: its request to a view of `faults`, and `also` more."""
    settings.ROOT_URLCONF = "tests.probe.faults"
    settings.MIDDLEWARE = []

    def stand(
        request: str,
        *,
        body: str = "",
        status: int = 200,
        also: Sequence[str] = (),
        bind: str = "",
        login: str = "",
        shared: Sequence[str] = (),
        steps: Sequence[str] = (),
    ) -> AuditGround:
        path = tmp_path / "suite.toml"
        logged_in = [f"login = {login}"] if login else []
        lines = [
            "schema_version = 1",
            *logged_in,
            *shared,
            "[[scenario]]",
            'name = "one"',
            *([] if steps else [f'request = "{request}"', f"status = {status}"]),
        ]
        lines += [f'[[scenario.steps]]\nrequest = "{step}"' for step in steps]
        others = [f'[[scenario]]\nname = "{number}"\nrequest = "{other}"' for number, other in enumerate(also)]
        own = [f"{key} = {value}" for key, value in (("body", body), ("bindings", bind)) if value]
        path.write_text("\n".join([*lines, *own, *others]), encoding="utf-8")
        file = read_suite(path)
        return AuditGround(
            file=file,
            point=points_of({})[0],
            coverage=coverage_of(file, Endpoints()),
            scenarios=file.suite.scenario,
            # What switches databases: here there is one.
            databases=cast("MeasuringDatabases", None),
            dataset=Dataset(file),
            frames=ProjectFrames(base=HERE.parents[1], roots=(HERE, HERE.parents[1] / "service")),
            say=lambda _: None,
        )

    return stand
