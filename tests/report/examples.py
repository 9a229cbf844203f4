"""Example runs as the instruments would record them: one healthy, and one for each of five planted regressions."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from reglab.metrics import METRICS
from reglab.report.judge import assemble
from reglab.report.policy import read_policy
from reglab.report.records import Evidence, Measurement, Number, Profile, Record, Remark, RemarkKind, Series
from reglab.report.run_loader import Collection
from reglab.report.verdict import Verdict
from tests.report.making import RUN, record

POLICY: Final = Path(__file__).with_name("example_policy.toml")
JUDGED_AT: Final = "2026-01-31T12:02:00+00:00"

LIST = "GET /api/orders/"
CANCEL = "POST /api/orders/<id>/cancel/"
SUMMARY = "GET /api/orders/summary/"
SEARCH = "GET /api/orders/?email="

_ORDERS = Evidence(
    kind="statement",
    text="SELECT o.id, o.status, c.email FROM orders_order o JOIN orders_customer c ON c.id = o.customer_id "
    "WHERE NOT o.is_archived ORDER BY o.created_at DESC LIMIT $1",
    source="service/orders/views.py:38 in list",
    table="orders_order",
)
_COUNT = Evidence(
    kind="statement",
    text="SELECT count(*) FROM orders_order WHERE NOT is_archived",
    source="service/orders/views.py:38 in list",
    table="orders_order",
)
_ITEMS = Evidence(
    kind="statement",
    text="SELECT id, order_id, sku, quantity FROM orders_orderitem WHERE order_id IN ($1)",
    source="service/orders/views.py:38 in list",
    table="orders_orderitem",
)
_AGGREGATE = Evidence(
    kind="statement",
    text="SELECT c.id, c.email, count(o.id), sum(o.total_cents) FROM orders_customer c JOIN orders_order o "
    "ON o.customer_id = c.id WHERE o.status = $1 GROUP BY c.id ORDER BY 4 DESC, 1 LIMIT $2",
    source="service/orders/selectors.py:41 in summary",
    table="orders_customer",
)
_CUSTOMER = Evidence(
    kind="statement",
    text="SELECT id, name, email FROM orders_customer WHERE id = $1",
    source="service/orders/serializers.py:27 in get_customer_email",
    frames=("service/orders/views.py:38 in list", "service/orders/urls.py:12 in dispatch"),
    table="orders_customer",
)
_LOOP = Evidence(
    kind="statement",
    text="SELECT id, total_cents FROM orders_order WHERE customer_id = $1 AND status = $2",
    source="service/orders/selectors.py:46 in summary",
    frames=("service/orders/views.py:71 in summary",),
    table="orders_order",
)


def _measured(
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


def _at_sizes(
    scenario: str, endpoint: str, small: Sequence[Evidence], large: Sequence[Evidence], *, accepted: int
) -> list[Measurement]:
    """Queries at two sizes, each with the statements that make them up."""
    return [
        _measured(
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
    listed = (_ORDERS, _COUNT, _ITEMS)
    parts = {
        "list_orders": _at_sizes("list-orders", LIST, listed, listed, accepted=3),
        "summary": _at_sizes("summary", SUMMARY, [_AGGREGATE], [_AGGREGATE], accepted=1),
        "cancel": [
            _measured("cancel-order", CANCEL, "writes_outside_contract", 0),
            replace(_measured("cancel-order", CANCEL, "rows_written", 1, part="orders_order update"), gates=False),
        ],
        "search": [_measured("search-by-email", SEARCH, "unindexed_scans", 0)],
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
        _measured("summary", SUMMARY, "queries", 101, variant="before"),
        _measured(
            "summary",
            SUMMARY,
            "queries",
            after_queries,
            variant="after",
            evidence=[_AGGREGATE] if after_queries == 1 else [replace(_LOOP, count=after_queries - 1), _AGGREGATE],
        ),
        _measured("summary", SUMMARY, "seconds", 0.21, 0.2, 0.22, 0.2, 0.21, variant="before"),
        _measured("summary", SUMMARY, "seconds", *after_seconds, variant="after"),
    )


def load(latency_ms_p95: float = 38.5, *, evidence: Sequence[Evidence] = ()) -> Record:
    """The load smoke: the whole under the profile's name, one endpoint, and a time line."""
    seconds = range(20)
    return record(
        "load",
        _measured("smoke", "", "requests", 900),
        _measured("smoke", "", "server_error_rate", 0.0),
        _measured("smoke", "", "latency_ms_p50", 11.2),
        _measured("smoke", "", "latency_ms_p95", 31.25),
        _measured("summary", SUMMARY, "latency_ms_p50", 12.5),
        _measured("summary", SUMMARY, "latency_ms_p95", latency_ms_p95, evidence=evidence),
        _measured("summary", SUMMARY, "latency_ms_p99", latency_ms_p95 * 1.5),
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
        _measured("list-orders", LIST, "seconds", *baseline, variant="baseline"),
        _measured(
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


def judged(*records: Record) -> Verdict:
    """Judge records by the example policy."""
    collection = Collection(folder=f"var/runs/{RUN}", records=records, findings=())
    return assemble(collection, read_policy(POLICY), judged_at=JUDGED_AT)


def healthy() -> Verdict:
    """A run that keeps every rule."""
    return judged(work(), suites(), load())


def n_plus_one() -> Verdict:
    """The list asks for each order's customer: a lost select_related."""
    small, large = ((replace(_CUSTOMER, count=count), _ORDERS, _COUNT, _ITEMS) for count in (5, 50))
    return judged(work(list_orders=_at_sizes("list-orders", LIST, small, large, accepted=3)), suites(), load())


def cancel_deletes_customer() -> Verdict:
    """The seed's own bug: a signal deletes the customer of a cancelled order."""
    breach = Evidence(
        kind="write",
        text="DELETE of 1 row in orders_customer, which the write-set of cancel-order does not allow",
        source="service/orders/signals.py:21 in on_order_saved",
        frames=("service/orders/services.py:64 in cancel", "service/orders/views.py:88 in cancel"),
        table="orders_customer",
    )
    lost = _measured(
        "cancel-order", CANCEL, "writes_outside_contract", 1, part="orders_customer delete", evidence=[breach]
    )
    return judged(work(cancel=[lost]), suites(), load())


def missing_index() -> Verdict:
    """The trigram index behind ?email= is gone."""
    plan = Evidence(
        kind="plan",
        text="Seq Scan on orders_customer\n  Filter: (upper(email) ~~ '%FIRST@%')",
        source="service/orders/filters.py:19 in filter_email",
        table="orders_customer",
    )
    advice = Evidence(kind="hint", text="no index serves upper(email) LIKE: a trigram index (pg_trgm) would")
    scan = _measured("search-by-email", SEARCH, "unindexed_scans", 1, part="orders_customer", evidence=[plan, advice])
    return judged(work(search=[scan]), suites(), load())


def summary_loop() -> Verdict:
    """The summary asks for each customer's orders in a loop again."""
    small, large = ([replace(_LOOP, count=count), _AGGREGATE] for count in (5, 50))
    return judged(
        work(summary=_at_sizes("summary", SUMMARY, small, large, accepted=1)),
        suites(after_queries=51, after_seconds=(0.11, 0.1, 0.12, 0.1, 0.11)),
        load(),
    )


def slow_under_load() -> Verdict:
    """p95 just above its SLO: 504.9 ms is not 500 ms."""
    cause = Evidence(
        kind="hint", text="database time is 96 % of it: 483 ms a request, in 1 query", source="Server-Timing"
    )
    return judged(work(), suites(), load(504.9, evidence=[cause]))


def slower_than_baseline() -> Verdict:
    """A pull request that makes the list 10 % slower, beside a note and a stage that could not decide."""
    remarks = record(
        "load",
        *load().measurements,
        Remark(kind=RemarkKind.INCONCLUSIVE, text="the generator's CPU was at 97 %", next_step="Use more workers."),
        Remark(kind=RemarkKind.NOTE, text="3 arrivals were 12 ms late"),
    )
    return judged(work(), suites(), compared(1.10), remarks)


PLANTED: Final = MappingProxyType[str, Callable[[], Verdict]](
    {
        "n-plus-one": n_plus_one,
        "cancel-deletes-customer": cancel_deletes_customer,
        "missing-index": missing_index,
        "summary-loop": summary_loop,
        "slow-under-load": slow_under_load,
    }
)
