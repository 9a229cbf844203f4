"""Values that an endpoint refused when it was accepted, and takes now, are found; the rest is not judged."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reglab.config.suite import Scenario
from reglab.errors import AuditError
from reglab.limits.audit import ScenarioResult
from reglab.limits.inputs import assignment
from reglab.limits.recording import lines
from reglab.limits.refusals import refusals_beside
from reglab.limits.sending import LEFT_ALONE, STORED, Outcome
from reglab.project.audit_ground import AuditGround
from reglab.project.requests.test_client import Request
from reglab.report.records import Measurement, Remark, RemarkKind
from tests.probe import checked_views
from tests.probe.conftest import Grounds

BODY = '{ count = 3, day = "2026-05-04", names = ["Ann"] }'


@pytest.fixture(autouse=True)
def checks() -> Iterator[None]:
    """All checks are there, until a test takes one away."""
    checked_views.CHECKED.update(checked_views.ALL)
    yield
    checked_views.CHECKED.clear()


@pytest.fixture
def body(ground: Grounds, settings: Any) -> AuditGround:
    """The ground of an endpoint that takes JSON."""
    settings.ROOT_URLCONF = "tests.probe.checked_views"
    return ground("POST /checks-a-body/", body=BODY, status=201)


@pytest.fixture(params=["2026-05-04", ""], ids=["a day", "nothing"])
def form(ground: Grounds, settings: Any, request: pytest.FixtureRequest) -> AuditGround:
    """The ground of a page's form, which is sent with a day, and with none."""
    settings.ROOT_URLCONF = "tests.probe.checked_views"
    return ground(
        "POST /checks-a-form/",
        body=f'{{ born = "{request.param}" }}\ncontent_type = "application/x-www-form-urlencoded"',
        status=302,
    )


def _taken(stands: AuditGround, *, metric: str = "inputs_taken") -> dict[str, tuple[str, ...]]:
    found = (line for line in lines(stands) if isinstance(line, Measurement) and line.metric.name == metric)
    return {line.part: tuple(one.text for one in line.evidence) for line in found if line.values[0]}


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("check", "told"),
    [
        ("count", "POST with count = 1000: 201, and was refused"),
        ("day", "POST with day = '1900-05-04': 201, and was refused"),
        ("names", "POST with names = its first item twice: 201, and was refused"),
    ],
)
def test_a_check_of_a_body_that_is_gone_is_told_with_a_value(body: AuditGround, check: str, told: str) -> None:
    """Nothing declares such a check: it shows by what it refused."""
    assert list(lines(body, accept="As it is."))
    assert _taken(body) == {}
    checked_views.CHECKED.remove(check)
    taken = _taken(body)
    assert set(taken) == {check}
    assert told in taken[check]


@pytest.mark.postgres
def test_a_check_of_a_parameter_that_is_gone_is_told_with_a_value(ground: Grounds, settings: Any) -> None:
    """A list that refused a state which nothing has is empty for it now: whoever mistypes it is not told."""
    settings.ROOT_URLCONF = "tests.probe.checked_views"
    stands = ground("GET /checks-a-query/?state=open")
    assert list(lines(stands, accept="As it is."))
    assert _taken(stands) == {}
    checked_views.CHECKED.remove("state")
    assert "GET with ?state='abc': 200, and was refused" in _taken(stands)["?state="]


@pytest.mark.postgres
def test_a_check_that_is_new_is_told_with_a_value_that_was_taken(body: AuditGround) -> None:
    """Clients send what was taken until now: they are refused from one day to the next."""
    checked_views.CHECKED.remove("names")
    assert list(lines(body, accept="As it is."))
    checked_views.CHECKED.add("names")
    refused = _taken(body, metric="inputs_refused")
    assert set(refused) == {"names"}
    assert "POST with names = its first item twice: 400, and was taken" in refused["names"]


@pytest.mark.postgres
def test_a_field_that_a_client_can_set_now_is_told(ground: Grounds, settings: Any) -> None:
    """A field that was read alone takes no value; once it does, whoever sends one decides it."""
    settings.ROOT_URLCONF = "tests.probe.checked_views"
    stands = ground("POST /stores-a-customer/", body='{ name = "Ann", email = "a@rows.example" }', status=201)
    assert list(lines(stands, accept="As it is."))
    assert _taken(stands) == {}
    checked_views.CHECKED.remove("is_active")
    assert _taken(stands) == {"is_active": ("POST with is_active = False: 201, and was left alone",)}


@pytest.mark.parametrize(("text", "refused"), [(LEFT_ALONE, {"set by a client"}), (STORED, set()), ("", set())])
def test_what_became_of_a_field_that_nobody_saw_is_not_claimed(text: str, refused: set[str]) -> None:
    """Left alone is what was looked at and is another value; without a row to look at, nothing is accepted."""
    plain = Request(
        method="POST", path="/", body=b"{}", content_type="application/json", headers={}, expected_status=201
    )
    one = assignment(plain, {}, "uses", 7, may_be_set=True)
    result = ScenarioResult(scenario=Scenario(name="one", request="POST /"), endpoint="POST /")
    result.note_fate(one, Outcome(status=201, text=text))
    assert {json.loads(one.compared) for one, _ in result.refused} == refused
    assert len(result.taken) == (text == STORED)


@pytest.mark.postgres
def test_a_check_of_a_form_that_is_gone_is_told(form: AuditGround) -> None:
    """A form that is refused is shown again, with 200."""
    assert list(lines(form, accept="As it is."))
    assert _taken(form) == {}
    checked_views.CHECKED.remove("born")
    (told,) = _taken(form)["born"]
    assert told.startswith("POST with born = '2999-0")


@pytest.mark.postgres
def test_what_was_never_accepted_is_not_judged(body: AuditGround) -> None:
    """It is said, and so is how to accept it; a check that comes new breaks nothing."""
    notes = [line.text for line in lines(body) if isinstance(line, Remark)]
    assert any(note.startswith("what the endpoints refuse is not accepted yet") for note in notes)
    checked_views.CHECKED.clear()
    assert list(lines(body, accept="As it is."))
    checked_views.CHECKED.update(checked_views.ALL)
    assert _taken(body) == {}


@pytest.mark.postgres
def test_what_is_accepted_and_was_not_tried_is_no_pass(ground: Grounds, settings: Any) -> None:
    """A request that lost its body tries nothing, and would be green."""
    settings.ROOT_URLCONF = "tests.probe.checked_views"
    assert list(lines(ground("POST /checks-a-body/", body=BODY, status=201), accept="As it is."))
    remarks = [line for line in lines(ground("POST /checks-a-body/", status=400)) if isinstance(line, Remark)]
    undecided = [remark.text for remark in remarks if remark.kind is RemarkKind.INCONCLUSIVE]
    assert undecided == [
        "what they refuse and take is accepted, and no value was tried this time: one",
        "what other requests come to is accepted, and none was sent this time: one",
    ]
    assert not [
        line
        for line in lines(ground("POST /checks-a-body/", status=400), accept="It takes nothing.")
        if isinstance(line, Remark) and line.kind is RemarkKind.INCONCLUSIVE
    ]


@pytest.mark.postgres
def test_a_scenario_that_comes_first_takes_nothing_over(ground: Grounds, settings: Any) -> None:
    """Of one endpoint each value is tried once: of the scenario that it was accepted of."""
    settings.ROOT_URLCONF = "tests.probe.checked_views"
    stands = ground("POST /checks-a-body/", body=BODY, status=201)
    assert list(lines(stands, accept="As it is."))
    (one,) = stands.scenarios
    newer = one.model_copy(update={"name": "newer"})
    endpoints = {name: stands.endpoint(one) for name in ("newer", "one")}
    coverage = replace(stands.coverage, endpoint_by_scenario=endpoints)
    checked_views.CHECKED.remove("count")
    taken = [
        line.scenario
        for line in lines(replace(stands, scenarios=(newer, one), coverage=coverage))
        if isinstance(line, Measurement) and line.metric.name == "inputs_taken" and line.values[0]
    ]
    assert taken == ["one"]


def test_what_is_accepted_is_read_back(tmp_path: Path) -> None:
    """What a scenario no longer refuses is gone; so is a scenario that refuses nothing."""
    refusals = refusals_beside(tmp_path / "ledger.json")
    refused = {"one": {"count": frozenset({"-1", "0"}), "day": frozenset[str]()}, "two": {"name": frozenset({'""'})}}
    refusals.accept(refused, {"one": {"count": frozenset({"1"})}})
    again = refusals_beside(tmp_path / "ledger.json")
    assert again.of("one") == {"count": frozenset({"-1", "0"})}
    assert again.taken_by("one") == {"count": frozenset({"1"})}
    again.accept({"one": {"count": frozenset({"0"})}}, {})
    last = refusals_beside(tmp_path / "ledger.json")
    assert (last.of("one"), last.of("two")) == ({"count": frozenset({"0"})}, {})


@pytest.mark.parametrize("text", ["refused = 3\n", '[refused."one"]\nname = ["Ann"]\n'])
def test_a_file_that_is_damaged_is_told_with_its_place(tmp_path: Path, text: str) -> None:
    """Nobody reads a traceback for a slip of the pen."""
    (tmp_path / "refusals.toml").write_text(text, encoding="utf-8")
    with pytest.raises(AuditError, match=r"refusals\.toml:[12]"):
        refusals_beside(tmp_path / "ledger.json")


def test_a_scenario_that_takes_everything_is_known(tmp_path: Path) -> None:
    """It refuses nothing, and a value that it refuses one day is a loss all the same."""
    refusals = refusals_beside(tmp_path / "ledger.json")
    refusals.accept({}, {"one": {"count": frozenset({"1"})}})
    again = refusals_beside(tmp_path / "ledger.json")
    assert [again.knows(name) for name in ("one", "two")] == [True, False]
