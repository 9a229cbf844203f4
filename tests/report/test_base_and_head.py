"""Base, head and difference of what a cause moved most."""

from dataclasses import replace

import pytest

from reglab.report.renderings.base_and_head import Moved, moved_most
from reglab.report.renderings.scaled import scaled
from reglab.report.verdict import Verdict
from tests.report.examples import cancel_deletes_customer, n_plus_one, slower_than_baseline


def first(verdict: Verdict) -> Moved | None:
    return moved_most(verdict.causes[0], verdict)


def test_a_counter_is_held_against_the_ledger() -> None:
    """3 queries were accepted, 53 are measured at the largest size: 50 more."""
    assert first(n_plus_one()) == Moved(
        what="queries at orders=50", base="3 queries", head="53 queries", difference="+50"
    )


def test_a_time_is_held_against_the_base() -> None:
    """The medians of both sides in the unit that suits them, and the estimate of the pairs."""
    verdict = slower_than_baseline()
    (moved,) = [found for cause in verdict.causes if (found := moved_most(cause, verdict))]
    assert moved == Moved(what="time of list-orders", base="101 ms", head="110 ms", difference="+10.0 %")


def test_what_had_no_value_before_has_none() -> None:
    """A write that nobody allowed is no difference of two numbers."""
    assert first(cancel_deletes_customer()) is None


def test_numbers_that_are_names_are_not_subtracted() -> None:
    """The difference of two checksums says nothing."""
    verdict = n_plus_one()
    checksum = replace(verdict.samples[0].metric, unit="checksum")
    samples = tuple(replace(each, metric=checksum) if each.accepted else each for each in verdict.samples)
    changed = replace(verdict, samples=samples)
    assert first(changed) is None


@pytest.mark.parametrize(
    ("values", "unit", "expected"),
    [
        ([0.0015, 0.002], "s", ([1.5, 2.0], "ms")),
        ([0.5, 2.0], "s", ([0.5, 2.0], "s")),
        ([0.0000004], "s", ([0.4], "µs")),
        ([1e8], "bytes", ([100.0], "MB")),
        ([0], "bytes", ([0.0], "bytes")),
        ([12.0], "queries", ([12.0], "queries")),
    ],
)
def test_units_suit_the_largest_value(values: list[float], unit: str, expected: tuple[list[float], str]) -> None:
    """Milliseconds rather than 0.0015 seconds, megabytes rather than 1e8 bytes; other units stay."""
    found, name = scaled(values, unit)
    assert found == pytest.approx(expected[0])
    assert name == expected[1]
