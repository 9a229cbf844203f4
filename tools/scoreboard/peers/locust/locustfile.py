"""The suite's requests as load, with the limits of Locust's page "Running without the web UI" and locust-plugins.

A reader sends the requests that read; a writer makes rows of its own, sends every request that writes to them, and
deletes them; the seeding endpoint is asked once.
"""

import json
import logging
import os
import uuid
from pathlib import Path
from typing import Any

import locust_plugins  # noqa: F401  # adds the --check options
from locust import HttpUser, constant_pacing, events, task

from tools.scoreboard.shared.scenarios import all_scenarios

BINDINGS = json.loads(Path(os.environ["SCOREBOARD_STATE"], "bindings.json").read_text())
LOGGER = logging.getLogger(__name__)
FAIL_RATIO_MAX = 0.01
AVERAGE_MS_MAX = 200
P95_MS_MAX = 800
SCENARIOS = {scenario.name: scenario for scenario in all_scenarios()}
# What a writer does to its own rows, in an order that works; it creates them before and deletes them after.
OWN_ROWS = (
    *("show-customer", "replace-customer", "change-customer", "list-orders-of-customer", "delete-customer-with-orders"),
    *("show-order", "replace-order", "change-order", "show-item", "replace-item", "change-item", "delete-item"),
    *("cancel-order", "cancel-cancelled-order", "archive-order", "archive-archived-order", "show-archived-order"),
)
CREATORS = ("create-customer", "create-order", "create-item", "delete-order", "delete-customer", "seed")
READS = tuple(name for name in SCENARIOS if name not in (*OWN_ROWS, *CREATORS))


class _User(HttpUser):
    abstract = True

    def send(self, name: str, values: dict[str, Any]) -> Any:
        """Send one scenario's request; another status than the scenario's is a failure."""
        scenario = SCENARIOS[name]
        body = _filled(scenario.body, values)
        path = _filled(scenario.path, values)
        with self.client.request(scenario.method, path, json=body, name=name, catch_response=True) as response:
            if response.status_code == scenario.status:
                response.success()
            else:
                response.failure(f"answered {response.status_code}, expected {scenario.status}")
            return response


class Reader(_User):
    """Reads what the dataset holds."""

    weight = 2
    wait_time = constant_pacing(1)

    @task
    def read(self) -> None:
        """Send every reading request once."""
        for name in READS:
            self.send(name, BINDINGS)


class Writer(_User):
    """Makes a customer with an order of its own, and does to them all that the service can do."""

    weight = 2
    wait_time = constant_pacing(1)

    @task
    def write(self) -> None:
        """Create, change, delete."""
        mail = f"{uuid.uuid4().hex}@example.test"
        customer = self.send("create-customer", {**BINDINGS, "new@example.test": mail}).json()["id"]
        order = self.send("create-order", {**BINDINGS, "customer": customer}).json()["id"]
        item = self.send("create-item", {**BINDINGS, "order": order}).json()["id"]
        own = {**BINDINGS, "customer": customer, "order": order, "item": item, "renamed@example.test": f"r-{mail}"}
        own |= {"cancelled_order": order, "archived_order": order}
        for name in OWN_ROWS:
            self.send(name, own)
        self.send("delete-order", own)
        self.send("delete-customer", {**own, "customer_without_orders": customer})


class Operator(_User):
    """Asks for test data once."""

    fixed_count = 1

    @task
    def seed(self) -> None:
        """Seed, and be done."""
        self.send("seed", BINDINGS)
        self.stop()


def _filled(value: Any, values: dict[str, Any]) -> Any:
    """Put values into a path or a body; a text of the body that is a key itself is replaced too."""
    if isinstance(value, str):
        if value in values:
            return values[value]
        for name, one in values.items():
            if value == f"{{{name}}}":
                return one
            value = value.replace(f"{{{name}}}", str(one))
        return value
    if isinstance(value, dict):
        return {key: _filled(one, values) for key, one in value.items()}
    return [_filled(one, values) for one in value] if isinstance(value, list) else value


@events.quitting.add_listener
def decide(environment: Any, **_: Any) -> None:
    """Set the exit code, as the page on running without the web UI does."""
    total = environment.stats.total
    print(f"TOTAL {total.total_rps:.2f} {total.avg_response_time:.2f}")
    if total.num_requests == 0 or total.fail_ratio > FAIL_RATIO_MAX:
        LOGGER.error("Test failed due to failure ratio %.3f > %s", total.fail_ratio, FAIL_RATIO_MAX)
        environment.process_exit_code = 1
    elif total.avg_response_time > AVERAGE_MS_MAX:
        LOGGER.error("Test failed due to average response time > %s ms", AVERAGE_MS_MAX)
        environment.process_exit_code = 1
    elif total.get_response_time_percentile(0.95) > P95_MS_MAX:
        LOGGER.error("Test failed due to 95th percentile response time > %s ms", P95_MS_MAX)
        environment.process_exit_code = 1
