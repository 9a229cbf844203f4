"""Shared ground of all peers' pytest suites: one test a scenario, one dataset, one rolled-back request."""

from collections.abc import Callable
from typing import Any

import pytest

from tools.scoreboard.shared.scenarios import Scenario, bound_values, build_dataset, chosen_scenarios, has_dataset, send


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test of each scenario."""
    if "scenario" in metafunc.fixturenames:
        scenarios = chosen_scenarios()
        metafunc.parametrize("scenario", scenarios, ids=[scenario.name for scenario in scenarios])


@pytest.fixture(scope="session")
def dataset(django_db_setup: None, django_db_blocker: Any) -> None:
    """Build the dataset once, committed; each test's own transaction is rolled back. A reused database has it."""
    with django_db_blocker.unblock():
        if not has_dataset():
            build_dataset()


@pytest.fixture
def send_request(
    scenario: Scenario, dataset: None, db: None, client: Any, django_capture_on_commit_callbacks: Any
) -> Callable[[], Any]:
    """Return a function that sends the scenario's request, its `on_commit` work included, and asserts its status."""
    values = bound_values()

    def sent() -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return send(client, scenario, values)

    return sent
