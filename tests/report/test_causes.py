"""Causes: what one thing explains is one, the worst comes first, and what got better comes last."""

from dataclasses import replace

import pytest

from reglab.report.causes.cause import Cause, Place
from reglab.report.causes.grouping import causes_of
from reglab.report.concerns import Concern
from reglab.report.findings import Finding
from reglab.report.outcomes import Outcome
from reglab.report.records import ONE_BY_ONE, Evidence
from reglab.report.renderings import terminal
from reglab.report.renderings.headlines import next_step_of
from tests.report.examples import PLANTED, n_plus_one

STATEMENT = Evidence(
    kind="statement",
    text="SELECT * FROM shop_book WHERE id = $1",
    source="shop/views.py:41 in listed",
    table="shop_book",
)
OTHER = replace(
    STATEMENT,
    text="SELECT * FROM shop_author WHERE id = $1",
    source="shop/forms.py:7 in clean",
    table="shop_author",
)
CALL = Evidence(kind="call", text="price", count=50, source="shop/prices.py:3 in price")


def finding(concern: Concern, *evidence: Evidence, scenario: str = "books", **more: object) -> Finding:
    return Finding(
        rule=f"rule-of-{concern}",
        outcome=Outcome.FAIL,
        expected="0",
        found="1",
        instrument="work",
        scenario=scenario,
        endpoint=f"GET /{scenario}/",
        metric=f"metric of {concern}",
        evidence=evidence,
        concern=concern,
        **more,  # type: ignore[arg-type]
    )


def of_load(metric: str, endpoint: str) -> Finding:
    return replace(finding(Concern.TIME, scenario="smoke"), instrument="load", metric=metric, endpoint=endpoint)


def grouped(*findings: Finding) -> list[int]:
    return [len(cause.findings) for cause in causes_of(findings)]


def test_one_statement_at_one_line_is_one_cause() -> None:
    """The same statement and line in two scenarios is one cause, which names both endpoints."""
    found = [finding(Concern.STATEMENTS, STATEMENT, scenario=name) for name in ("books", "authors")]
    (cause,) = causes_of(found)
    assert cause.endpoints == ("GET /books/", "GET /authors/")
    assert cause.place == Place(file="shop/views.py", line=41, function="listed")


def test_two_statements_are_two_causes() -> None:
    """Statements of different lines are mended apart, and stay apart."""
    assert grouped(finding(Concern.STATEMENTS, STATEMENT), finding(Concern.STATEMENTS, OTHER)) == [1, 1]


def test_costs_follow_the_statement_of_their_scenario() -> None:
    """Rows read and Python calls of a scenario with a statement more are part of that cause."""
    costs = (finding(Concern.ROWS, OTHER), finding(Concern.TIME, CALL), finding(Concern.COST_GROWTH, CALL))
    assert grouped(finding(Concern.GROWTH, STATEMENT), finding(Concern.STATEMENTS, STATEMENT), *costs) == [5]


def test_costs_of_another_scenario_are_a_cause_of_their_own() -> None:
    """Calls in a scenario that sends no statement more are not explained by those of another."""
    assert grouped(finding(Concern.STATEMENTS, STATEMENT), finding(Concern.TIME, CALL, scenario="prices")) == [1, 1]


@pytest.mark.parametrize("concern", [Concern.DATA, Concern.ACCESS])
def test_lost_data_is_never_inside_of_another_cause(concern: Concern) -> None:
    """What is worse than a statement more stands by itself, and before it."""
    evidence = Evidence(kind="write", text="DELETE of 1 row", source="shop/signals.py:5 in f", table="shop_author")
    causes = causes_of([finding(Concern.STATEMENTS, STATEMENT), finding(concern, evidence, scenario="remove")])
    assert [cause.first.concern for cause in causes] == [concern, Concern.STATEMENTS]


def test_one_function_is_one_cause() -> None:
    """Calls and instructions that grew in one function are one cause, whichever line of it was hit."""
    assert grouped(
        finding(Concern.TIME, CALL), finding(Concern.TIME, replace(CALL, source="shop/prices.py:9 in price"))
    ) == [2]


def test_a_list_with_other_rows_is_one_cause() -> None:
    """What its columns and the fields beside it hold now is explained by the rows, which are told first."""
    texts = (
        "results[].id: 1, 2, 3",
        "results[] length: 3",
        "results[].tags[] length: 2, 1, 1",
        "results[].name: a",
        "next: 2",
    )
    answers = [finding(Concern.ANSWERS, Evidence(kind="response", text=text)) for text in texts]
    causes = causes_of(answers)
    assert [len(cause.findings) for cause in causes] == [5]
    assert causes[0].evidence == Evidence(kind="response", text="results[] length: 3")


def test_one_field_of_answers_is_one_cause() -> None:
    """A field that changed in two endpoints' answers is one cause, and the bytes of these answers follow it."""
    field = Evidence(kind="response", text="results[].total: 7")
    answers = [finding(Concern.ANSWERS, field, scenario=name) for name in ("books", "authors")]
    assert grouped(*answers, finding(Concern.PAYLOAD, Evidence(kind="response", text="200: {}"))) == [3]


def test_an_answer_without_its_list_is_one_cause() -> None:
    """All fields of it are gone or new with the list; an answer of another scenario stands for itself."""
    gone = finding(Concern.ANSWERS, part="results[] length")
    fields = [finding(Concern.ANSWERS, Evidence(kind="response", text=text)) for text in ("next: none", "[].id: 1")]
    other = finding(Concern.ANSWERS, Evidence(kind="response", text="name: a"), scenario="authors")
    assert grouped(gone, *fields, other) == [3, 1]


def test_one_migration_that_breaks_the_bases_code_is_one_cause() -> None:
    """It shows at each endpoint of the base; what another migration breaks is a second cause."""
    told = "the base's code on the new schema ({}) answers 500 to {}"
    found = [
        finding(Concern.DATA, Evidence(kind="response", text=told.format(migration, name)), scenario=name)
        for migration, name in (("shop.0007", "books"), ("shop.0007", "authors"), ("shop.0008", "prices"))
    ]
    assert grouped(*found) == [2, 1]


def test_a_load_that_fails_is_one_cause_and_one_that_is_slow_another() -> None:
    """A service that cannot answer fails at many endpoints; its latency is mended apart."""
    failing = [of_load(metric, endpoint) for metric in ("server_error_rate", "failure_rate") for endpoint in ("", "a")]
    slow = [of_load("latency_ms_p95", endpoint) for endpoint in ("", "a", "b")]
    assert sorted(grouped(*failing, *slow)) == [3, 4]
    assert grouped(of_load("latency_ms_p95", "a"), replace(of_load("latency_ms_p95", "a"), scenario="soak")) == [1, 1]


def test_what_leaves_a_load_undecided_is_one_cause_with_its_reason_first() -> None:
    """Too few samples, counts that disagree and a late generator come of one thing; lost data never does."""
    undecided = [
        replace(of_load(metric, "a"), outcome=Outcome.INCONCLUSIVE) for metric in ("requests", "latency_ms_p95")
    ]
    reason = replace(of_load("", ""), outcome=Outcome.INCONCLUSIVE, found="arrivals were sent late")
    (cause,) = causes_of([*undecided, reason])
    assert cause.first == reason
    lost = replace(of_load("lost_writes", ""), concern=Concern.DATA)
    assert grouped(*undecided, reason, lost) == [1, 3]


def test_an_unsafe_target_is_told_before_what_it_left_unknown() -> None:
    """One cause: what answered there, then that a worker stopped, then that nothing is known of the writes."""
    unsafe = replace(of_load("", ""), outcome=Outcome.INCONCLUSIVE, rule="load-unsafe", found="it did not prove itself")
    stopped = replace(
        of_load("", ""), outcome=Outcome.INCONCLUSIVE, rule="load-inconclusive", found="a worker vanished"
    )
    unknown = replace(of_load("lost_writes", ""), outcome=Outcome.INCONCLUSIVE, concern=Concern.DATA, found="none")
    (cause,) = causes_of([unknown, stopped, unsafe])
    assert [each.found for each in cause.findings] == ["it did not prove itself", "a worker vanished", "none"]


def test_the_same_words_of_several_scenarios_of_an_endpoint_are_one_cause() -> None:
    """Where no line is named, what is said of an endpoint is said once; of two endpoints, twice."""
    said = Evidence(kind="response", text="500: server error")
    found = [finding(Concern.DATA, said, scenario=name) for name in ("first", "second", "third")]
    assert grouped(*(replace(each, endpoint="GET /books/") for each in found)) == [3]
    assert grouped(*found) == [1, 1, 1]
    placed = replace(said, source="shop/views.py:41 in listed")
    assert grouped(*(replace(each, endpoint="GET /books/", evidence=(placed,)) for each in found[:1]), found[1]) == [
        1,
        1,
    ]


def test_what_lets_the_same_callers_in_is_one_cause() -> None:
    """A way in that two views share is one thing; a view that lets somebody else in as well is another."""
    views = [Evidence(kind="response", text="200", source=f"shop/views.py:{line} in View") for line in (3, 9, 20)]
    shared = [finding(Concern.ACCESS, view, scenario=view.source, part="user") for view in views]
    other = finding(Concern.ACCESS, views[2], scenario=views[2].source, part="nobody")
    assert sorted(grouped(*shared, other)) == [2, 2]
    header = [finding(Concern.ACCESS, scenario=name, part="X-Frame-Options") for name in ("books", "authors")]
    assert grouped(*header) == [2]
    costs = [finding(Concern.ROWS, STATEMENT, part="shop_book"), finding(Concern.ROWS, OTHER, part="shop_book")]
    assert grouped(*costs) == [1, 1]


def test_each_setting_is_a_cause_of_its_own() -> None:
    """Two settings that changed have two reasons, although both stand in one place."""
    changed = [Evidence(kind="hint", text=f"{name} is false") for name in ("SESSION_COOKIE_SECURE", "DEBUG")]
    assert grouped(*(finding(Concern.ACCESS, one, part=one.text) for one in changed)) == [1, 1]


def test_what_is_said_of_one_setting_is_one_cause() -> None:
    """That it is another one, in two environments, and the check that warns of it; another key of one table is not."""

    def said(part: str, text: str) -> Finding:
        hint = Evidence(kind="hint", text=text)
        return finding(Concern.ACCESS, hint, scenario="(settings)", part=part)

    redirect = [
        said("SECURE_SSL_REDIRECT", "SECURE_SSL_REDIRECT is false, accepted: true"),
        said("staging: SECURE_SSL_REDIRECT", "in staging, SECURE_SSL_REDIRECT is false, accepted: true"),
        said("security.W008", "security.W008: Your SECURE_SSL_REDIRECT setting is not set to True."),
    ]
    keys = [said(f"REST_FRAMEWORK.{name}", f"REST_FRAMEWORK.{name} is 1") for name in ("NUM_PROXIES", "PAGE_SIZE")]
    assert sorted(grouped(*redirect, *keys)) == [1, 1, 3]


def test_an_improvement_comes_after_all_that_is_worse() -> None:
    """A query fewer asks to be accepted, behind a slower function."""
    better = finding(Concern.STATEMENTS, STATEMENT, scenario="authors", is_better=True)
    causes = causes_of([better, finding(Concern.TIME, CALL)])
    assert [cause.is_better for cause in causes] == [False, True]


def test_what_got_better_on_the_way_to_worse_is_part_of_that() -> None:
    """Blocks that a lost join saves are no improvement beside the fifty queries that it costs."""
    better = finding(Concern.ROWS, OTHER, is_better=True)
    assert grouped(finding(Concern.STATEMENTS, STATEMENT), better) == [2]


def test_rows_that_got_fewer_beside_more_rows_are_part_of_that() -> None:
    """A plan that reads fewer rows, because Python adds them up, is no improvement to be accepted."""
    better = finding(Concern.ROWS, STATEMENT, is_better=True)
    assert grouped(finding(Concern.ROWS, STATEMENT), better) == [2]


def test_a_cause_is_named_by_its_own_finding() -> None:
    """A field more in an answer comes before the calls that it costs, though time is of more concern than answers."""
    (cause,) = causes_of([finding(Concern.TIME, CALL), finding(Concern.ANSWERS)])
    assert cause.first.concern is Concern.ANSWERS


def test_a_worse_cost_is_not_hidden_in_an_improvement() -> None:
    """Python calls that grew where a query was saved come first: work that moved is no improvement."""
    better = finding(Concern.STATEMENTS, STATEMENT, is_better=True)
    (cause,) = causes_of([better, finding(Concern.TIME, CALL)])
    assert not cause.first.is_better
    assert not cause.is_better


def test_nothing_is_lost_in_grouping() -> None:
    """Every failing and undecided finding is in one cause, notes and passes in none."""
    findings = [
        finding(concern, evidence, scenario=scenario)
        for concern in Concern
        for evidence in (STATEMENT, OTHER, CALL)
        for scenario in ("books", "authors")
    ]
    quiet = [replace(findings[0], outcome=outcome) for outcome in (Outcome.PASS, Outcome.NOTE)]
    members = [each for cause in causes_of([*findings, *quiet]) for each in cause.findings]
    assert sorted(map(id, members)) == sorted(map(id, findings))


@pytest.mark.parametrize("name", PLANTED)
def test_each_planted_example_is_one_cause(name: str) -> None:
    """However many counters a planted regression moves, it is one cause."""
    assert len(PLANTED[name]().causes) == 1


def test_the_first_lines_suffice_to_mend_an_n_plus_one() -> None:
    """The first two lines at 80 columns tell how it grows, the line of the code, and the statement."""
    first, second = terminal.render(n_plus_one(), width=80).splitlines()[:2]
    assert first == "FAIL 8 queries at 5 orders, 53 at 50 · serializers.py:27"
    assert second.strip() == "50 × SELECT id, name, email FROM orders_customer WHERE id = $1"


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", PLANTED)
def test_no_line_is_wider_than_the_terminal(name: str, width: int) -> None:
    """Whatever the width, every line fits, and the last one is the verdict."""
    lines = terminal.render(PLANTED[name](), width=width).rstrip("\n").splitlines()
    assert max(map(len, lines)) <= width
    assert lines[0].startswith("FAIL ")
    assert lines[-1].startswith("FAIL: ")


def test_a_place_is_read_from_a_source_line() -> None:
    """A source line of evidence names file, line and function; anything else names none."""
    assert str(Place.of("shop/views.py:41 in Shop.listed")) == "shop/views.py:41"
    assert Place.of("Server-Timing") is None
    assert Cause(findings=(finding(Concern.REST),)).place is None


def test_what_mends_one_statement_goes_before_what_mends_any() -> None:
    """Rows that are inserted one by one are not joined: the next step says what the audit knows."""
    hint = Evidence(kind="hint", text=f"the rows of book are inserted {ONE_BY_ONE}bulk_create")
    (cause,) = causes_of([replace(finding(Concern.GROWTH, STATEMENT, hint), next_step="Join what is read.")])
    assert next_step_of(cause) == "Send one statement for all rows in place of the repeated one: bulk_create."
    (cause,) = causes_of([replace(finding(Concern.GROWTH, STATEMENT), next_step="Join what is read.")])
    assert next_step_of(cause) == "Join what is read."
