"""Grouping: what moved in one answer, at one statement or at one table is one cause."""

from dataclasses import replace

from reglab.report.causes.grouping import causes_of
from reglab.report.concerns import Concern
from reglab.report.outcomes import Outcome
from reglab.report.records import Evidence
from tests.report.test_causes import CALL, OTHER, STATEMENT, finding, grouped, of_load


def test_fields_that_moved_in_one_answer_are_one_cause() -> None:
    """Another order of a list changes all of its columns at once; what it costs to fetch follows."""
    moved = [
        finding(Concern.ANSWERS, Evidence(kind="response", text=f"results[].{name}: 1")) for name in ("id", "title")
    ]
    assert grouped(*moved, finding(Concern.ROWS, STATEMENT), finding(Concern.TIME, CALL)) == [4]
    other = finding(Concern.ANSWERS, Evidence(kind="response", text="name: a"), scenario="authors")
    assert grouped(*moved, other) == [2, 1]


def test_a_field_that_is_gone_from_many_answers_is_one_cause() -> None:
    """It has no value to show where it is gone; another field is another cause."""
    gone = [
        finding(Concern.ANSWERS, part=part, scenario=name)
        for name, part in (("list", "results[].email"), ("show", "email"), ("two-steps", "step 2 customer.email"))
    ]
    assert grouped(*gone) == [3]
    assert grouped(*gone, finding(Concern.ANSWERS, part="name", scenario="other")) == [3, 1]


def test_one_statement_that_reads_more_is_one_cause_whichever_line_is_named() -> None:
    """A plan names the line that sent it, its rows the line that made it; repeated at two lines it is two."""
    plan = replace(
        STATEMENT, kind="plan", text=f"{STATEMENT.text} — 9 rows: Seq Scan", source="shop/pages.py:5 in page"
    )
    assert grouped(finding(Concern.ROWS, STATEMENT), finding(Concern.ROWS, plan)) == [2]
    again = replace(STATEMENT, source=plan.source)
    assert grouped(finding(Concern.GROWTH, STATEMENT), finding(Concern.GROWTH, again)) == [1, 1]


def test_costs_of_costs_follow_the_cause_of_all() -> None:
    """Rows go to the list that has others now; what the rows explained goes with them."""
    listed = finding(Concern.ANSWERS, Evidence(kind="response", text="results[] length: 3"))
    assert grouped(listed, finding(Concern.ROWS, STATEMENT), finding(Concern.TIME, CALL)) == [3]


def test_of_rows_the_larger_change_comes_first() -> None:
    """28 rows where none was read are told before 7 more of 85."""
    few = finding(Concern.ROWS, STATEMENT, change=7 / 85)
    many = finding(Concern.ROWS, OTHER, change=28.0)
    assert [cause.first for cause in causes_of([few, few, many])] == [many, few]


def test_what_got_better_at_the_table_that_got_worse_is_its_other_side() -> None:
    """A join that is gone reads fewer rows in one scenario, and one by one in another; elsewhere it stands alone."""
    repeated = finding(Concern.STATEMENTS, STATEMENT)
    fewer = finding(Concern.ROWS, part="shop_book index", scenario="authors", is_better=True)
    other = finding(Concern.ROWS, part="shop_price index", scenario="prices", is_better=True)
    assert grouped(repeated, fewer, other) == [2, 1]


def test_a_load_that_was_given_up_is_one_cause_and_told_as_a_whole_first() -> None:
    """Its endpoints fail because the service does; that the load was ended is the same once more."""
    whole = replace(of_load("server_error_rate", ""), scenario="smoke")
    endpoints = [replace(of_load("failure_rate", f"GET /{name}/"), scenario=name) for name in ("books", "authors")]
    ended = replace(of_load("", ""), found="given up early: 56% of the arrivals failed", concern=Concern.REST)
    (cause,) = causes_of([*endpoints, ended, whole])
    assert (len(cause.findings), cause.first) == (4, whole)


def test_as_many_bytes_more_in_many_pages_are_one_cause() -> None:
    """What all pages are made from has grown; another page that grew otherwise is another cause."""
    pages = [
        replace(finding(Concern.PAYLOAD, scenario=name), found="514 bytes (+10)") for name in ("home", "cart", "search")
    ]
    other = replace(finding(Concern.PAYLOAD, scenario="about"), found="900 bytes (+300)")
    assert grouped(*pages, other) == [3, 1]


def test_a_lost_filter_is_told_before_what_its_rows_show() -> None:
    """An answer with other rows, found at a dozen endpoints, has one filter behind it, which names its line."""
    gone = Evidence(kind="hint", text="rows of shop_book are no longer chosen by shop_book.hidden = ?")
    lost = finding(Concern.CONDITIONS, gone)
    listed = finding(Concern.ANSWERS, Evidence(kind="response", text="results[] length: 3"))
    (cause,) = causes_of([lost, listed])
    assert cause.findings == (lost, listed)
    assert causes_of([lost])[0].first == lost


def test_what_is_undecided_comes_after_what_fails() -> None:
    """An improvement decides the run; a disturbed load does not. What got worse stands before both."""
    undecided = replace(of_load("latency_p95", ""), outcome=Outcome.INCONCLUSIVE)
    better = finding(Concern.ROWS, STATEMENT, is_better=True)
    worse = finding(Concern.ACCESS, OTHER, scenario="authors")
    assert [cause.first for cause in causes_of([undecided, better, worse])] == [worse, better, undecided]


def test_what_got_better_beside_something_worse_is_part_of_that() -> None:
    """Statements that a thread of its own sends are gone from what is counted; alone they are an improvement."""
    thread = finding(Concern.TIME, replace(CALL, text="starts a thread"))
    gone = replace(finding(Concern.ROWS, STATEMENT), is_better=True)
    assert grouped(thread, gone) == [2]
    assert grouped(thread, replace(gone, scenario="books-limited")) == [2]
    assert grouped(thread, replace(gone, scenario="authors", endpoint="GET /authors/")) == [1, 1]


def test_several_instruments_at_one_function_are_one_cause() -> None:
    """An interleaving and a failing statement show two sides of one lost transaction; two functions are two causes."""
    raced, half, other = (
        replace(finding(Concern.DATA, replace(OTHER, kind="write", source=source)), instrument=instrument)
        for instrument, source in (
            ("race", "shop/services.py:9 in cancel"),
            ("atomicity", "shop/services.py:11 in cancel"),
            ("atomicity", "shop/services.py:30 in add"),
        )
    )
    assert grouped(raced, half) == [2]
    assert grouped(raced, other) == [1, 1]
    # Of one instrument each line is told.
    assert grouped(raced, replace(half, instrument="race")) == [1, 1]


def test_what_is_written_no_longer_is_one_cause_in_rows_and_columns() -> None:
    """No line is left that could be named; at each size it is so many rows, and of an update so many columns."""
    gone = [
        replace(finding(Concern.WRITES, part=part), metric=metric, variant=variant)
        for part, metric in (("book update", "rows_changed"), ("book: title", "columns_changed"))
        for variant in ("rows=4", "rows=8")
    ]
    assert grouped(*gone) == [4]
    assert grouped(*gone, replace(gone[0], scenario="authors")) == [4, 1]


def test_one_line_that_serves_several_tables_is_one_cause() -> None:
    """A helper of all lists moves the same number of each; two statements of one scenario are two causes."""
    listed = finding(Concern.ROWS, STATEMENT)
    other = finding(Concern.ROWS, replace(OTHER, source=STATEMENT.source), scenario="authors")
    assert grouped(listed, other) == [2]
    assert grouped(listed, replace(other, scenario=listed.scenario)) == [1, 1]
    assert grouped(listed, replace(other, evidence=(OTHER,))) == [1, 1]


def test_a_slower_scenario_has_what_is_counted_there_as_its_cause() -> None:
    """A comparison names no line of its own for it; where nothing was counted it is a cause of its own."""
    slower = replace(finding(Concern.TIME), instrument="compare", metric="seconds")
    assert grouped(finding(Concern.GROWTH, STATEMENT), slower) == [2]
    assert grouped(finding(Concern.GROWTH, STATEMENT), replace(slower, scenario="authors")) == [1, 1]
