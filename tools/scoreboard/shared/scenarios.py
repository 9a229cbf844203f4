"""The scenarios of the orders' suite for peers: they have Django and a copy of the service, and nothing of the harness.

Every peer sends these requests over this dataset; which of them, SCOREBOARD_SCENARIOS says (globs, comma-separated).
"""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

SUITE: Final = Path(__file__).resolve().parents[3] / "bench" / "scenarios"
# The largest of every axis that the work audit measures: what repeats a row repeats often, and an index pays.
SIZES: Final = {"orders": 50, "items_per_order": 12, "unrelated": 300}
PAGE_SIZE: Final = 100
_NAME: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One request of the suite, its `{bindings}` unfilled."""

    name: str
    method: str
    path: str
    body: Any
    status: int
    is_write: bool


class UnexpectedStatusError(AssertionError):
    """The endpoint did not answer as its scenario says: what any test would assert, whichever peer it uses."""


def chosen_scenarios() -> list[Scenario]:
    """Return the scenarios that this run is about, in the suite's order, or the other way round where it says so."""
    globs = os.environ.get("SCOREBOARD_SCENARIOS", "*").split(",")
    found = [one for one in all_scenarios() if any(fnmatch(one.name, glob) for glob in globs)]
    return found[::-1] if os.environ.get("SCOREBOARD_REVERSED") else found


def all_scenarios() -> list[Scenario]:
    """Read every scenario of the suite that is one request: no peer runs commands."""
    return [
        Scenario(
            name=raw["name"],
            method=raw["request"].partition(" ")[0],
            path=raw["request"].partition(" ")[2],
            body=raw.get("body"),
            status=raw.get("status", 200),
            is_write="writes" in raw,
        )
        for raw in _suite()["scenario"]
        if " /" in raw.get("request", "")
    ]


def build_dataset(*, analyze: bool = True, **sizes: int) -> None:
    """Fill the database that Django is connected to, and let the planner know its size. `sizes` replace SIZES."""
    from django.db import connection

    from bench.dataset import build

    build(**{**SIZES, **sizes})
    if analyze:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def has_dataset() -> bool:
    """Tell whether the database has been filled: one that is reused has."""
    from django.apps import apps

    return bool(apps.get_model("orders.Customer")._default_manager.exists())


def send(client: Any, scenario: Scenario, values: Mapping[str, Any]) -> Any:
    """Send one scenario's request through a Django test client; return the response.

    Raises UnexpectedStatusError where its status is not the scenario's.
    """
    path = _NAME.sub(lambda match: str(values[match[1]]), scenario.path)
    if scenario.body is None:
        response = client.generic(scenario.method, path)
    else:
        body = _filled(scenario.body, values)
        response = client.generic(scenario.method, path, data=json.dumps(body), content_type="application/json")
    if response.status_code != scenario.status:
        raise UnexpectedStatusError(f"{scenario.name} answered {response.status_code}, expected {scenario.status}")
    return response


def bound_values() -> dict[str, Any]:
    """Return the primary key behind every binding of the suite, from the database as it is now."""
    from django.apps import apps

    values: dict[str, Any] = {**SIZES, "page_size": PAGE_SIZE}
    for name, binding in _suite()["bindings"].items():
        rows = apps.get_model(binding["model"])._default_manager.filter(**binding["filter"]).order_by("pk")
        values[name] = rows.values_list("pk", flat=True)[0]
    return values


def _suite() -> dict[str, Any]:
    """Return the tables of all files of the suite as one; only arrays stand in more than one."""
    whole: dict[str, Any] = {}
    for path in sorted(SUITE.glob("*.toml")):
        for key, value in tomllib.loads(path.read_text(encoding="utf-8")).items():
            whole[key] = [*whole.get(key, []), *value] if isinstance(value, list) else value
    return whole


def _filled(body: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(body, str):
        whole = _NAME.fullmatch(body)
        return values[whole[1]] if whole else body
    if isinstance(body, dict):
        return {key: _filled(value, values) for key, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, values) for value in body]
    return body
