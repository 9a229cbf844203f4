"""Thousands of generated requests against the OpenAPI schema: what the schema promises is what happens."""

import gc
import json
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from itertools import count
from math import prod
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.engine import events, from_schema
from schemathesis.openapi.checks import RejectedPositiveData

from service.orders import seeding
from service.orders.models import Customer, Order, OrderItem
from service.orders.seeding import SeedSize
from service.wsgi import application

LEAST_CASES = 2_000
LARGEST_SEED = 400
PHASES = {"examples", "coverage", "fuzzing", "stateful"}
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


@dataclass(slots=True)
class Outcome:
    """What a run of the engine did: requests by phase and by status class, and all that it complained about."""

    requests_by_phase: Counter[str] = field(default_factory=Counter)
    requests_by_status: Counter[int] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)


def configuration(*, examples: int) -> SchemathesisConfig:
    """All phases and all checks, with valid and invalid data, from a fixed seed."""
    return SchemathesisConfig.from_dict(
        {
            "seed": 20_260_218,
            "continue-on-failure": True,
            # A slow machine is no defect of the service.
            "suppress-health-check": ["all"],
            "generation": {"max-examples": examples, "no-shrink": True, "mode": "all", "database": "none"},
            "phases": {
                "examples": {"fill-missing": True},
                "coverage": {"generate-duplicate-query-parameters": True},
            },
            "cache": {"enabled": False},
        }
    )


def served(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """The service, with each response closed: that is what gives a thread's database connection back."""
    response: Any = application(environ, start_response)
    try:
        return [b"".join(response)]
    finally:
        response.close()


def run(app: Application, *, examples: int, path: str | None = None) -> Outcome:
    """Run every phase in this process, on all paths or on one, and collect what happened."""
    api = schemathesis.openapi.from_wsgi("/api/schema/", app, config=configuration(examples=examples))
    api.hooks.hook(filter_failure)
    api.hooks.hook(filter_body)
    outcome = Outcome()
    for event in from_schema(api if path is None else api.include(path=path)).execute():
        if isinstance(event, events.ScenarioFinished):
            record(event, outcome)
        elif isinstance(event, events.NonFatalError):
            outcome.complaints.append(str(event.info))
        elif isinstance(event, events.FatalError):
            raise event.exception
    return outcome


def record(event: events.ScenarioFinished, outcome: Outcome) -> None:
    for interaction in event.recorder.interactions.values():
        if interaction.response is not None:
            outcome.requests_by_phase[event.phase.value] += 1
            outcome.requests_by_status[interaction.response.status_code // 100] += 1
    for node in (node for nodes in event.recorder.checks.values() for node in nodes):
        if node.failure_info is not None:
            failure = node.failure_info.failure
            outcome.complaints.append(
                f"{node.name}: {failure.operation}: {failure.message}\n{node.failure_info.code_sample}"
            )


def filter_failure(context: Any, failure: Failure, case: Any, response: Any) -> bool:
    """A schema lists neither ids and cursors nor every invisible character: a 400 for those refuses nothing valid."""
    if not isinstance(failure, RejectedPositiveData) or failure.status_code != 400:
        return True
    messages = [message for value in response.json().values() for message in value]
    unknown = ("object does not exist", "Take the cursor from", "either a page or a cursor", "Use visible characters")
    return not all(any(words in message for words in unknown) for message in messages)


def filter_body(context: Any, body: Any) -> bool:
    """Leave large seeds to the seed's own tests: half of the time would go into them."""
    if context.operation.path != "/api/dev/seed/" or not isinstance(body, dict):
        return True
    default = SeedSize()
    sizes = [body.get(field.name, getattr(default, field.name)) for field in fields(default)]
    if not all(isinstance(size, int) and size >= 0 for size in sizes):
        return True
    return bool(prod(max(1, size) for size in sizes) <= LARGEST_SEED)


@pytest.fixture
def _without_collector() -> Iterator[None]:
    """Keep Python's garbage collector from running inside a parser.

    There it lets another thread parse too, for which CPython 3.11 raises SystemError (python/cpython#106905), and
    Hypothesis parses lambdas in the engine's threads.
    """
    gc.collect()
    gc.disable()
    yield
    # The engine's threads are gone, and with them nobody closed their connections to SQLite: Python 3.13 warns of it.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
    gc.enable()


@pytest.fixture
def _numbered_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make seeded addresses the same in every run: the engine draws from what the service answered."""
    numbers = count(1)
    monkeypatch.setattr(seeding, "token_hex", lambda size: f"{next(numbers):0{2 * size}x}")


def some_rows() -> None:
    for number in range(4):
        customer = Customer.objects.create(name=f"Customer {number}", email=f"customer-{number}@rows.example")
        order = Order.objects.create(customer=customer, status="paid")
        OrderItem.objects.create(order=order, sku=f"SKU-{number}", quantity=1, unit_price_cents=100)


@pytest.mark.once
@pytest.mark.django_db(transaction=True, reset_sequences=True)
@pytest.mark.usefixtures("_without_collector", "_numbered_tokens")
def test_no_generated_request_breaks_the_service_or_its_schema() -> None:
    """At least 2,000 requests of all four phases meet no 5xx and nothing that the schema does not promise."""
    some_rows()
    outcome = run(served, examples=36)
    assert not outcome.complaints, "\n\n".join(outcome.complaints[:20])
    assert outcome.requests_by_status[5] == 0
    assert outcome.requests_by_phase.keys() == PHASES
    assert outcome.requests_by_phase.total() >= LEAST_CASES, outcome.requests_by_phase
    # Requests that all fail would prove little.
    assert outcome.requests_by_status[2] >= LEAST_CASES // 5, outcome.requests_by_status


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param("500 Internal Server Error", {"detail": "Internal server error."}, id="a 500"),
        pytest.param("200 OK", {"limit": 50, "rows": [], "extra": 1}, id="a field that the schema lacks"),
        pytest.param("418 I'm a teapot", {"detail": "No."}, id="a status that the schema lacks"),
    ],
)
@pytest.mark.usefixtures("_without_collector")
@pytest.mark.django_db(transaction=True)
def test_a_broken_endpoint_is_noticed(status: str, body: dict[str, Any]) -> None:
    """An endpoint that answers what its schema does not promise is complained about."""

    def broken(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/api/orders/summary/":
            return served(environ, start_response)
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    assert run(broken, examples=2, path="/api/orders/summary/").complaints
