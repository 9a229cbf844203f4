"""The difference of two sides' work counters, as the reason for a difference in time."""

from reglab.counters.counts import Count
from reglab.report.records import Evidence
from reglab.timing.counter_differences import totals, work_difference


def statement(text: str, *, count: int, source: str = "shop/views.py:7 in shelf") -> Evidence:
    return Evidence(kind="statement", text=text, count=count, source=source)


def test_more_queries_are_told_with_the_statement_that_is_new() -> None:
    """Of all statements the one that runs more often than on the baseline is blamed, with its line."""
    before = Count(metric="queries", value=1, evidence=(statement("SELECT a", count=1),))
    after = Count(
        metric="queries",
        value=4,
        evidence=(statement("SELECT a", count=1), statement("SELECT b", count=3, source="shop/views.py:41 in shelf")),
    )
    (said,) = work_difference(baseline=[before], candidate=[after])
    assert said.text == "+3 queries (4 against 1): SELECT b"
    assert said.source == "shop/views.py:41 in shelf"


def test_equal_work_explains_nothing() -> None:
    """Where no counter differs there is no evidence: the call tree is asked instead."""
    counts = [Count(metric="queries", value=2), Count(metric="python_calls", value=900)]
    assert work_difference(baseline=counts, candidate=counts) == ()


def test_queries_come_before_rows_and_rows_before_calls() -> None:
    """The likeliest reason stands first, whatever the order of counting."""
    before = [Count(metric=name, value=10) for name in ("python_calls", "rows_read", "queries")]
    after = [Count(metric=name, value=20) for name in ("python_calls", "rows_read", "queries")]
    texts = [each.text for each in work_difference(baseline=before, candidate=after)]
    assert [text.split(" (")[0] for text in texts] == ["+10 queries", "+10 rows read", "+10 python calls"]


def test_what_the_candidate_does_more_comes_before_what_it_does_less() -> None:
    """Less work makes nothing slower."""
    before = [Count(metric="queries", value=9), Count(metric="rows_read", value=1, part="book seq")]
    after = [Count(metric="queries", value=1), Count(metric="rows_read", value=2, part="book seq")]
    texts = [each.text for each in work_difference(baseline=before, candidate=after)]
    assert texts == ["+1 rows read of book seq (2 against 1)", "-8 queries (1 against 9)"]


def test_a_handful_of_calls_is_no_reason() -> None:
    """Of 1,000 calls 20 more are 2 %, which no margin could tell from nothing; 21 are told."""
    before = [Count(metric="python_calls", value=1000)]
    assert work_difference(baseline=before, candidate=[Count(metric="python_calls", value=1020)]) == ()
    assert work_difference(baseline=before, candidate=[Count(metric="python_calls", value=1021)]) != ()


def test_calls_of_different_interpreters_are_not_compared() -> None:
    """Under another interpreter the same code makes other calls."""
    counts = ([Count(metric="python_calls", value=1)], [Count(metric="python_calls", value=9)])
    left_out = frozenset({"python_calls"})
    assert work_difference(baseline=counts[0], candidate=counts[1], left_out=left_out) == ()


def test_a_part_that_is_gone_counts_as_none() -> None:
    """A table that the candidate no longer reads has 0 rows read, not nothing to compare."""
    (said,) = work_difference(
        baseline=[Count(metric="rows_read", value=5, part="book seq")],
        candidate=[Count(metric="rows_read", value=0, part="book index")],
    )
    assert said.text == "-5 rows read of book seq (0 against 5)"


def test_totals_sum_the_parts() -> None:
    """Rows of two tables are one sum: 2 + 3 = 5; counters that were not taken are not there."""
    counts = [Count(metric="rows_read", value=2, part="a seq"), Count(metric="rows_read", value=3, part="b seq")]
    assert totals(counts) == {"rows_read": 5}
