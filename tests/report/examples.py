"""Example runs, judged: one healthy, and one for each of five planted regressions."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from reglab.report.judge import assemble
from reglab.report.policy import read_policy
from reglab.report.records import Evidence, Record, Remark, RemarkKind
from reglab.report.run_loader import Collection
from reglab.report.verdict import Verdict
from tests.report.example_records import (
    AGGREGATE,
    CANCEL,
    COUNT,
    CUSTOMER,
    ITEMS,
    LIST,
    LOOP,
    ORDERS,
    SEARCH,
    SUMMARY,
    at_sizes,
    compared,
    load,
    measured,
    suites,
    work,
)
from tests.report.making import RUN, record

POLICY: Final = Path(__file__).with_name("example_policy.toml")
JUDGED_AT: Final = "2026-01-31T12:02:00+00:00"


def judged(*records: Record) -> Verdict:
    """Judge records by the example policy."""
    collection = Collection(folder=f"var/runs/{RUN}", records=records, findings=())
    return assemble(collection, read_policy(POLICY), judged_at=JUDGED_AT)


def healthy() -> Verdict:
    """A run that keeps every rule."""
    return judged(work(), suites(), load())


def n_plus_one() -> Verdict:
    """The list asks for each order's customer: a lost select_related."""
    small, large = ((replace(CUSTOMER, count=count), ORDERS, COUNT, ITEMS) for count in (5, 50))
    return judged(work(list_orders=at_sizes("list-orders", LIST, small, large, accepted=3)), suites(), load())


def cancel_deletes_customer() -> Verdict:
    """The seed's own bug: a signal deletes the customer of a cancelled order."""
    breach = Evidence(
        kind="write",
        text="DELETE of 1 row in orders_customer, which the write-set of cancel-order does not allow",
        source="service/orders/signals.py:21 in on_order_saved",
        frames=("service/orders/services.py:64 in cancel", "service/orders/views.py:88 in cancel"),
        table="orders_customer",
    )
    lost = measured(
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
    scan = measured("search-by-email", SEARCH, "unindexed_scans", 1, part="orders_customer", evidence=[plan, advice])
    return judged(work(search=[scan]), suites(), load())


def summary_loop() -> Verdict:
    """The summary asks for each customer's orders in a loop again."""
    small, large = ([replace(LOOP, count=count), AGGREGATE] for count in (5, 50))
    return judged(
        work(summary=at_sizes("summary", SUMMARY, small, large, accepted=1)),
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
