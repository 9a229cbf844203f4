"""Removes every row of a run through the API, and proves it by counting what is left."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from reglab.errors import LoadTestError
from reglab.load.http_client import Api
from reglab.load.writes.actual_state import Observed, observed_by_api, observed_by_sql

PARALLEL = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleanup:
    """What was removed and what was left. `leftover` names rows that are still there."""

    removed: int
    leftover: tuple[str, ...]


def clean_up(api: Api, *, run: str, views: Iterable[Observed], database_url: str | None) -> Cleanup:
    """Delete the run's orders, their lines with them, then its customers; look again through every view.

    Raises LoadTestError where the service gives no answer.
    """
    views = list(views)
    orders = sorted({row for view in views for row in view.orders})
    customers = sorted({row for view in views for row in view.customers})
    removed = _delete(api, [f"/api/orders/{row}/" for row in orders])
    removed += _delete(api, [f"/api/customers/{row}/" for row in customers])
    left = list(observed_by_api(api, run=run, customers=customers, orders=orders))
    if database_url:
        left.append(observed_by_sql(database_url, run=run))
    leftover = sorted({name for view in left for name in _named(view)})
    return Cleanup(removed=removed, leftover=tuple(leftover))


def _delete(api: Api, paths: list[str]) -> int:
    def delete(path: str) -> bool:
        # A second try after a broken connection may find the row gone: 404 is as good.
        return _twice(lambda: api.request("DELETE", path).status) in (204, 404)

    with ThreadPoolExecutor(PARALLEL) as pool:
        return sum(pool.map(delete, paths))


def _twice(call: Callable[[], int]) -> int:
    try:
        return call()
    except LoadTestError:
        return call()


def _named(view: Observed) -> list[str]:
    return [
        *(f"customer {row}" for row in view.customers),
        *(f"order {row}" for row in view.orders),
        *(f"item {item.id}" for item in view.items),
    ]
