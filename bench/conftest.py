"""Shared ground of the before/after pairs: a client for each side, and a count of its statements."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from django.db import connection
from django.test import Client, override_settings

Side = Literal["before", "after"]


@dataclass(slots=True, kw_only=True)
class Statements:
    """The statements that one block sent, in order; CaptureQueriesContext would forget all before the last 9,000."""

    sql: list[str] = field(default_factory=list)

    @property
    def queries(self) -> int:
        """Count what is not transaction control."""
        return sum(not statement.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")) for statement in self.sql)

    @property
    def inserts(self) -> int:
        """Count INSERT statements."""
        return sum(statement.startswith("INSERT") for statement in self.sql)


@contextmanager
def counted() -> Iterator[Statements]:
    """Collect the statements of the block."""
    statements = Statements()

    def wrapper(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        statements.sql.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield statements


@pytest.fixture(params=["before", "after"])
def side(request: pytest.FixtureRequest) -> Side:
    """Run the test once a side; the benchmark's record takes its variant from it."""
    return "before" if request.param == "before" else "after"


@contextmanager
def endpoints_of(side: Side) -> Iterator[Client]:
    """Serve the endpoints of one side, over Django's whole request path."""
    urlconf = "bench.before" if side == "before" else "service.urls"
    with override_settings(ROOT_URLCONF=urlconf):
        yield Client()
