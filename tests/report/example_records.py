"""Example records as the instruments would write them, healthy unless told otherwise."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from reglab.metrics import METRICS
from reglab.report.records import Evidence, Measurement, Number, Profile, Record, Series
from tests.report.making import record

LIST = "GET /api/orders/"
CANCEL = "POST /api/orders/<id>/cancel/"
SUMMARY = "GET /api/orders/summary/"
SEARCH = "GET /api/orders/?email="

ORDERS = Evidence(
    kind="statement",
    text="SELECT o.id, o.status, c.email FROM orders_order o JOIN orders_customer c ON c.id = o.customer_id "
    "WHERE NOT o.is_archived ORDER BY o.created_at DESC LIMIT $1",
    source="service/orders/views.py:38 in list",
    table="orders_order",
)
COUNT = Evidence(
    kind="statement",
    text="SELECT count(*) FROM orders_order WHERE NOT is_archived",
    source="service/orders/views.py:38 in list",
    table="orders_order",
)
ITEMS = Evidence(
    kind="statement",
    text="SELECT id, order_id, sku, quantity FROM orders_orderitem WHERE order_id IN ($1)",
    source="service/orders/views.py:38 in list",
    table="orders_orderitem",
)
AGGREGATE = Evidence(
    kind="statement",
    text="SELECT c.id, c.email, count(o.id), sum(o.total_cents) FROM orders_customer c JOIN orders_order o "
    "ON o.customer_id = c.id WHERE o.status = $1 GROUP BY c.id ORDER BY 4 DESC, 1 LIMIT $2",
    source="service/orders/selectors.py:41 in summary",
    table="orders_customer",
)
CUSTOMER = Evidence(
    kind="statement",
    text="SELECT id, name, email FROM orders_customer WHERE id = $1",
    source="service/orders/serializers.py:27 in get_customer_email",
    frames=("service/orders/views.py:38 in list", "service/orders/urls.py:12 in dispatch"),
    table="orders_customer",
)
LOOP = Evidence(
    kind="statement",
    text="SELECT id, total_cents FROM orders_order WHERE customer_id = $1 AND status = $2",
    source="service/orders/selectors.py:46 in summary",
    frames=("service/orders/views.py:71 in summary",),
    table="orders_order",
)


def measured(
    scenario: str,
    endpoint: str,
    metric: str,
    *values: Number,
    variant: str = "",
    part: str = "",
    accepted: Number | None = None,
    evidence: Sequence[Evidence] = (),
) -> Measurement:
    return Measurement(
        scenario=scenario,
        endpoint=endpoint,
        metric=METRICS[metric],
        part=part,
        variant=variant,
        values=values,
        accepted=accepted,
        evidence=tuple(evidence),
    )


def at_sizes(
    scenario: str, endpoint: str, small: Sequence[Evidence], large: Sequence[Evidence], *, accepted: int
) -> list[Measurement]:
    """Queries at two sizes, each with the statements that make them up."""
    return [
        measured(
            scenario,
            endpoint,
            "queries",
            sum(each.count for each in statements),
            variant=variant,
            accepted=accepted,
            evidence=statements,
        )
        for variant, statements in (("orders=5", small), ("orders=50", large))
    ]


def growth_of(lines: Sequence[Measurement]) -> float:
    """Return k between the first and the last of lines whose size is ten times as large."""
    first, last = lines[0].value, lines[-1].value
    return 0.0 if first == last else round(math.log10(last / first), 3)


def work(**replaced: list[Measurement]) -> Record:
    """The work audit; a keyword replaces the measurements of one part of it."""
    listed = (ORDERS, COUNT, ITEMS)
    parts = {
        "list_orders": at_sizes("list-orders", LIST, listed, listed, accepted=3),
        "summary": at_sizes("summary", SUMMARY, [AGGREGATE], [AGGREGATE], accepted=1),
        "cancel": [
            measured("cancel-order", CANCEL, "writes_outside_contract", 0),
            replace(measured("cancel-order", CANCEL, "rows_written", 1, part="orders_order update"), gates=False),
        ],
        "search": [measured("search-by-email", SEARCH, "unindexed_scans", 0)],
    }
    parts.update(replaced)
    growth = [
        Series(
            scenario="list-orders",
            endpoint=LIST,
            name="queries",
            x_unit="orders",
            y_unit="queries",
            points=tuple((int(each.variant.partition("=")[2]), each.values[0]) for each in parts["list_orders"]),
            exponent=growth_of(parts["list_orders"]),
        )
    ]
    return record("work", *(line for part in parts.values() for line in part), *growth)


def suites(after_queries: int = 1, after_seconds: Sequence[Number] = (0.0041, 0.004, 0.0043, 0.0041, 0.004)) -> Record:
    """The before/after suites."""
    return record(
        "benchmark",
        measured("summary", SUMMARY, "queries", 101, variant="before"),
        measured(
            "summary",
            SUMMARY,
            "queries",
            after_queries,
            variant="after",
            evidence=[AGGREGATE] if after_queries == 1 else [replace(LOOP, count=after_queries - 1), AGGREGATE],
        ),
        measured("summary", SUMMARY, "seconds", 0.21, 0.2, 0.22, 0.2, 0.21, variant="before"),
        measured("summary", SUMMARY, "seconds", *after_seconds, variant="after"),
    )


def load(latency_ms_p95: float = 38.5, *, evidence: Sequence[Evidence] = ()) -> Record:
    """The load smoke: the whole under the profile's name, one endpoint, and a time line."""
    seconds = range(20)
    return record(
        "load",
        measured("smoke", "", "requests", 900),
        measured("smoke", "", "server_error_rate", 0.0),
        measured("smoke", "", "latency_ms_p50", 11.2),
        measured("smoke", "", "latency_ms_p95", 31.25),
        measured("summary", SUMMARY, "latency_ms_p50", 12.5),
        measured("summary", SUMMARY, "latency_ms_p95", latency_ms_p95, evidence=evidence),
        measured("summary", SUMMARY, "latency_ms_p99", latency_ms_p95 * 1.5),
        Series(
            scenario="smoke",
            name="arrivals",
            x_unit="s",
            y_unit="arrivals/s",
            points=tuple((second, 45 + (second * 7) % 11) for second in seconds),
        ),
        Series(
            scenario="smoke",
            name="slowest",
            x_unit="s",
            y_unit="ms",
            points=tuple((second, 20.0 + (second * 13) % 30) for second in seconds),
        ),
    )


_PROFILES: Final = tuple(
    Profile(scenario="list-orders", endpoint=LIST, variant=variant, stacks=stacks)
    for variant, stacks in (
        (
            "baseline",
            (
                ("django;service/orders/views.py in list;django;psycopg", 0.06),
                ("django;service/orders/views.py in list;service/orders/serializers.py in to_representation", 0.03),
                ("django", 0.01),
            ),
        ),
        (
            "candidate",
            (
                ("django;service/orders/views.py in list;django;psycopg", 0.058),
                ("django;service/orders/views.py in list;service/orders/serializers.py in to_representation", 0.042),
                ("django", 0.01),
            ),
        ),
    )
)


def compared(effect: float = 1.0) -> Record:
    """Twelve pairs of one endpoint, slower by `effect`."""
    baseline = [0.1 + 0.0001 * step for step in range(12)]
    candidate = [effect * each * (1 + 0.0005 * step * (-1) ** step) for step, each in enumerate(baseline)]
    return record(
        "compare",
        *_PROFILES,
        measured("list-orders", LIST, "seconds", *baseline, variant="baseline"),
        measured(
            "list-orders",
            LIST,
            "seconds",
            *candidate,
            variant="candidate",
            evidence=[Evidence(kind="hint", text="3 more queries", source="service/orders/selectors.py:41 in listed")]
            if effect > 1
            else (),
        ),
    )
