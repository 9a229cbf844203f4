"""Both assertions that django-query-contract's readme asks for: the exact count, and that it does not grow."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django_query_contract import assert_query_growth

from tools.scoreboard.shared.scenarios import Scenario, bound_values, build_dataset, send

COUNTS = Path(__file__).with_name("counts.json")
ORDERS_PER_FACTOR = 5


@pytest.mark.django_db
def test_growth(scenario: Scenario, client: Any, django_capture_on_commit_callbacks: Any) -> None:
    """The endpoint runs as many statements over ten times the orders."""

    def sent() -> None:
        with django_capture_on_commit_callbacks(execute=True):
            send(client, scenario, bindings)

    bindings: dict[str, Any] = {}

    @contextmanager
    def world(factor: int) -> Iterator[int]:
        """Hold a dataset of this size, instead of the one that the other test asks."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("TRUNCATE orders_orderitem, orders_order, orders_customer")
            build_dataset(orders=ORDERS_PER_FACTOR * factor, unrelated=0, analyze=False)
            bindings.update(bound_values())
            yield ORDERS_PER_FACTOR * factor
            transaction.set_rollback(True)

    assert_query_growth(world, sent)


def test_queries(scenario: Scenario, send_request: Callable[[], Any], django_assert_num_queries: Any) -> None:
    """The endpoint runs as many statements as were counted when the test was written."""
    if os.environ.get("SCOREBOARD_RECORD") == "committed":
        _write_down(scenario.name, send_request)
        return
    with django_assert_num_queries(json.loads(COUNTS.read_text())[scenario.name]):
        send_request()


def _write_down(name: str, send_request: Callable[[], Any]) -> None:
    with CaptureQueriesContext(connection) as captured:
        send_request()
    counts = json.loads(COUNTS.read_text()) if COUNTS.is_file() else {}
    COUNTS.write_text(json.dumps({**counts, name: len(captured)}, indent=1) + "\n")
