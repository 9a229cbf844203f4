"""The difference of two sides' work counters, as the reason for a difference in time."""

from reglab.metrics import METRICS
from reglab.report.records import Evidence, Measurement
from reglab.timing.counter_differences import totals, work_difference


def statement(text: str, *, count: int, source: str = "shop/views.py:7 in shelf") -> Evidence:
    return Evidence(kind="statement", text=text, count=count, source=source)


def test_more_queries_are_told_with_the_statement_that_is_new() -> None:
    """Of all statements the one that runs more often than on the baseline is blamed, with its line."""
    before = Measurement(metric=METRICS["queries"], values=(1,), evidence=(statement("SELECT a", count=1),))
    after = Measurement(
        metric=METRICS["queries"],
        values=(4,),
        evidence=(statement("SELECT a", count=1), statement("SELECT b", count=3, source="shop/views.py:41 in shelf")),
    )
    (said,) = work_difference(baseline=[before], candidate=[after])
    assert said.text == "+3 queries (4 against 1): SELECT b"
    assert said.source == "shop/views.py:41 in shelf"


def test_equal_work_explains_nothing() -> None:
    """Where no counter differs there is no evidence: the call tree is asked instead."""
    counts = [
        Measurement(metric=METRICS["queries"], values=(2,)),
        Measurement(metric=METRICS["python_calls"], values=(900,)),
    ]
    assert work_difference(baseline=counts, candidate=counts) == ()


def test_queries_come_before_rows_and_rows_before_calls() -> None:
    """The likeliest reason stands first, whatever the order of counting."""
    before = [Measurement(metric=METRICS[name], values=(10,)) for name in ("python_calls", "rows_read", "queries")]
    after = [Measurement(metric=METRICS[name], values=(20,)) for name in ("python_calls", "rows_read", "queries")]
    texts = [each.text for each in work_difference(baseline=before, candidate=after)]
    assert [text.split(" (")[0] for text in texts] == ["+10 queries", "+10 rows read", "+10 python calls"]


def test_what_the_candidate_does_more_comes_before_what_it_does_less() -> None:
    """Less work makes nothing slower."""
    before = [
        Measurement(metric=METRICS["queries"], values=(9,)),
        Measurement(metric=METRICS["rows_read"], values=(1,), part="book seq"),
    ]
    after = [
        Measurement(metric=METRICS["queries"], values=(1,)),
        Measurement(metric=METRICS["rows_read"], values=(2,), part="book seq"),
    ]
    texts = [each.text for each in work_difference(baseline=before, candidate=after)]
    assert texts == ["+1 rows read of book seq (2 against 1)", "-8 queries (1 against 9)"]


def test_a_handful_of_calls_is_no_reason() -> None:
    """Of 1,000 calls 20 more are 2 %, which no margin could tell from nothing; 21 are told."""
    before = [Measurement(metric=METRICS["python_calls"], values=(1000,))]
    assert (
        work_difference(baseline=before, candidate=[Measurement(metric=METRICS["python_calls"], values=(1020,))]) == ()
    )
    assert (
        work_difference(baseline=before, candidate=[Measurement(metric=METRICS["python_calls"], values=(1021,))]) != ()
    )


def test_calls_of_different_interpreters_are_not_compared() -> None:
    """Under another interpreter the same code makes other calls."""
    counts = (
        [Measurement(metric=METRICS["python_calls"], values=(1,))],
        [Measurement(metric=METRICS["python_calls"], values=(9,))],
    )
    assert work_difference(baseline=counts[0], candidate=counts[1], same_interpreter=False) == ()


def test_a_part_that_is_gone_counts_as_none() -> None:
    """A table that the candidate no longer reads has 0 rows read, not nothing to compare."""
    (said,) = work_difference(
        baseline=[Measurement(metric=METRICS["rows_read"], values=(5,), part="book seq")],
        candidate=[Measurement(metric=METRICS["rows_read"], values=(0,), part="book index")],
    )
    assert said.text == "-5 rows read of book seq (0 against 5)"


def test_totals_sum_the_parts() -> None:
    """Rows of two tables are one sum: 2 + 3 = 5; counters that were not taken are not there."""
    counts = [
        Measurement(metric=METRICS["rows_read"], values=(2,), part="a seq"),
        Measurement(metric=METRICS["rows_read"], values=(3,), part="b seq"),
    ]
    assert totals(counts) == {METRICS["rows_read"]: 5}
