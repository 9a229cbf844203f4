"""Rows and readings that the counters' tests share."""

from pathlib import Path

from bench.counts import Counter
from service.orders.models import Customer

ROOT = Path(__file__).resolve().parents[3]


def customers(number: int) -> list[Customer]:
    """Insert that many customers, one by one, so that each has its key on any database."""
    return [
        Customer.objects.create(name=f"Customer {index}", email=f"{index}@counters.test") for index in range(number)
    ]


def values(counter: Counter) -> dict[str, int]:
    """Return a counter's values by metric, or by "metric part" where it has parts."""
    return {f"{count.metric} {count.part}".strip(): count.value for count in counter.counts()}
