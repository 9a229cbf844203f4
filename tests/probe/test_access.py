"""A matrix that is held against the accepted one: what opens fails first, whatever else differs is told apart."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reglab.access import callers
from reglab.access.audit import access
from reglab.access.cells import ABSENT, openness
from reglab.access.guards.settings import guards
from reglab.access.lapses.lapse import RIGHT_REMEMBERED, ROW_TOLD, SECRET_LOGGED
from reglab.access.matrix import matrix_beside, write_matrix
from reglab.access.recording import differences
from reglab.counters.queries import StatementGroup
from reglab.project.statements import shape_of
from reglab.report.records import Measurement, Remark, RemarkKind
from tests.probe.conftest import Grounds
from tests.probe.matrices import access_of, broken_beside


@pytest.fixture(autouse=True)
def middleware_of_each_test() -> None:
    """Let each test set up its own middleware: an audit's process has one, and keeps its handlers."""
    callers._handler.cache_clear()


def test_the_same_matrix_passes(tmp_path: Path) -> None:
    """What was accepted is read back as it was written."""
    assert not broken_beside(tmp_path, access_of(nobody="401", user="200"), access_of(nobody="401", user="200"))


def test_a_cell_that_opens_is_told_with_caller_endpoint_and_settings(tmp_path: Path) -> None:
    """Whoever was refused and is served now has been let in."""
    (found,) = broken_beside(tmp_path, access_of(nobody="401"), access_of(nobody="200"))
    assert (found.metric.name, found.part, found.endpoint) == ("cells_opened", "nobody", "GET /things/")
    assert "nobody: 200 at GET /things/ under ENV=production, accepted: 401" in found.evidence[0].text
    assert found.evidence[0].source == "views.py:3 in Things"


def test_an_accepted_caller_whom_nobody_tried_is_no_pass(tmp_path: Path) -> None:
    """Where the users cannot be made any more, the cells that were accepted for them are undecided, and are named."""
    write_matrix(tmp_path / "access.toml", access_of(nobody="401", user="200"), why="As it was found.")
    recorded = list(differences(access_of(nobody="401"), matrix_beside(tmp_path / "ledger.json")))
    (undecided,) = [each for each in recorded if isinstance(each, Remark) and each.kind is RemarkKind.INCONCLUSIVE]
    assert undecided.text == "accepted, and not tried this time: show as user"


def test_a_write_that_was_none_opens(tmp_path: Path) -> None:
    """The status alone is not the matrix: rows count."""
    (found,) = broken_beside(tmp_path, access_of(user="200"), access_of(user="200 and writes"))
    assert found.metric.name == "cells_opened"


def test_a_cell_that_closes_is_a_change(tmp_path: Path) -> None:
    """A caller who is refused from now on is no opening, and still a change of the contract."""
    (found,) = broken_beside(tmp_path, access_of(user="200"), access_of(user="403"))
    assert found.metric.name == "cells_changed"


def test_a_header_and_a_middleware_that_are_gone_are_told(tmp_path: Path) -> None:
    """What protected a browser's user, and is no longer there."""
    found = access_of(user="200")
    found.headers, found.middleware = {"show": {}}, ()
    broken = broken_beside(tmp_path, access_of(user="200"), found)
    assert {line.part for line in broken if line.metric.name == "header_issues"} == {"X-Frame-Options", "csrf"}


def test_answers_are_ordered_by_how_far_they_let_in() -> None:
    """A redirect is no refusal, an absent URL is less than a refused one, and a write is the most."""
    answers = [ABSENT, "401", "302", "200", "200 and writes"]
    assert sorted(answers, key=openness) == answers
    assert len({openness(answer) for answer in answers}) == len(answers)


def test_a_guard_with_another_value_is_told_with_both(tmp_path: Path) -> None:
    """No answer shows the life of a session or a limit on statements: the settings themselves are accepted."""
    accepted, found = access_of(user="200"), access_of(user="200")
    accepted.guards = {"DATABASES.default.statement_timeout": "10000", "SESSION_COOKIE_SECURE": "true"}
    found.guards = {"DATABASES.default.statement_timeout": "0", "SESSION_COOKIE_SECURE": "true"}
    (broken,) = broken_beside(tmp_path, accepted, found)
    assert (broken.metric.name, broken.part) == ("guards_changed", "DATABASES.default.statement_timeout")
    assert broken.evidence[0].text == "DATABASES.default.statement_timeout is 0, accepted: 10000"


def test_a_guard_that_comes_or_goes_is_held_against_djangos_default(tmp_path: Path) -> None:
    """To write a default down changes nothing; to write something else, or to lose what was written, does."""
    accepted, found = access_of(user="200"), access_of(user="200")
    accepted.guards = {"SESSION_COOKIE_SECURE": "true", "CSRF_COOKIE_HTTPONLY": "false"}
    found.guards = {"SESSION_COOKIE_HTTPONLY": "true", "SESSION_COOKIE_AGE": "99"}
    broken = broken_beside(tmp_path, accepted, found)
    assert [line.evidence[0].text for line in broken] == [
        "SESSION_COOKIE_AGE is 99, accepted: 1209600",
        "SESSION_COOKIE_SECURE is false, accepted: true",
    ]


def test_a_matrix_from_before_judges_neither_guards_nor_statements(tmp_path: Path) -> None:
    """A matrix from before they were kept gives a note that names both, and no failure."""
    accepted, found = access_of(user="200"), access_of(user="200")
    write_matrix(tmp_path / "access.toml", accepted, why="As it was found.")
    text = (tmp_path / "access.toml").read_text(encoding="utf-8").replace("[guards]", "")
    (tmp_path / "access.toml").write_text(text, encoding="utf-8")
    found.guards = {"SESSION_COOKIE_AGE": "99"}
    found.statements = {"superuser": {"show": (_group("SELECT 1", count=9, source="views.py:3"),)}}
    recorded = list(differences(found, matrix_beside(tmp_path / "ledger.json")))
    assert not any(
        line.values[0] for line in recorded if isinstance(line, Measurement) and line.metric.name != "cells_tried"
    )
    assert [each.text for each in recorded if isinstance(each, Remark)] == [
        (
            "not judged, because none was ever accepted: settings that guard, what is declared before each view, "
            "the statements of superuser"
        )
    ]


def test_settings_that_guard_are_read_as_text(settings: Any) -> None:
    """What the project sets is there, whatever its type; secrets are not, nor what Django sets by itself."""
    settings.SESSION_COOKIE_SAMESITE = None
    settings.CSRF_FAILURE_VIEW = access
    settings.SIMPLE_JWT = {"SIGNING_KEY": "hush", "LEEWAY": 5}
    settings.CORS_ALLOWED_ORIGINS = ["https://here.example"]
    settings.CORS_ALLOW_ALL_ORIGINS = True
    settings.USE_X_FORWARDED_HOST = True
    settings.AUTH_LDAP_BIND_PASSWORD = "hush"  # a setting, to be left out
    found = guards()
    assert found["SESSION_COOKIE_SAMESITE"] == "null"
    assert found["CSRF_FAILURE_VIEW"] == '"reglab.access.audit.access"'
    assert found["SIMPLE_JWT.LEEWAY"] == "5"
    assert found["CORS_ALLOW_ALL_ORIGINS"] == found["USE_X_FORWARDED_HOST"] == "true"
    assert found["LOGGING.root"] == "WARNING"
    assert "hush" not in str(found)
    assert "here.example" not in str(found)
    assert "SESSION_COOKIE_PATH" not in found


def _group(sql: str, *, count: int, source: str) -> StatementGroup:
    return StatementGroup(
        alias="default",
        shape=shape_of(sql),
        sql=sql,
        parameters=(),
        count=count,
        source=source,
        frames=(source,),
        sources=((source, count),),
    )


def test_a_statement_more_of_a_caller_is_named_first(tmp_path: Path) -> None:
    """What permits a caller works under closed settings alone: the statement that it adds is the cause."""
    known = _group("SELECT a FROM things", count=2, source="views.py:7")
    accepted, found = access_of(superuser="200"), access_of(superuser="200")
    accepted.statements = {"superuser": {"show": (known,)}}
    found.statements = {"superuser": {"show": (known, _group("SELECT r FROM roles", count=1, source="rights.py:3"))}}
    (broken,) = broken_beside(tmp_path, accepted, found)
    assert (broken.metric.name, broken.part, broken.values) == ("caller_queries", "superuser", (1,))
    assert broken.evidence[0].source == "rights.py:3"
    fewer = replace(known, count=1)
    found.statements = {"superuser": {"show": (fewer, _group("SELECT r FROM roles", count=1, source="rights.py:3"))}}
    assert not broken_beside(tmp_path, accepted, found)


def test_a_statement_that_the_ledger_accepts_is_the_views_own(tmp_path: Path) -> None:
    """An extra query of a view is accepted once, in the ledger: the matrix asks for no second acceptance."""
    accepted, found = access_of(superuser="200"), access_of(superuser="200")
    accepted.statements = {"superuser": {"show": ()}}
    extra = _group("SELECT r FROM roles", count=1, source="views.py:3")
    found.statements = {"superuser": {"show": (extra,)}}
    write_matrix(tmp_path / "access.toml", accepted, why="As it was found.")
    matrix = matrix_beside(tmp_path / "ledger.json")
    for known, values in (({extra.evidence().text: 1}, (0,)), ({}, (1,))):
        recorded = differences(found, matrix, known=lambda _, known=known: known)  # type: ignore[misc]
        (line,) = [each for each in recorded if isinstance(each, Measurement) and each.metric.name == "caller_queries"]
        assert line.values == values


@pytest.mark.postgres
def test_a_path_that_a_middleware_answers_is_tried(ground: Grounds, settings: Any) -> None:
    """No URLconf names it; its code does. One that nobody answers is no cell."""
    settings.ROOT_URLCONF = "tests.probe.doors"
    settings.MIDDLEWARE = ["tests.probe.doors.shortcut"]
    found = access(ground("GET /token-of-url/"))
    cells = {cell.endpoint: cell for cell in found.cells if cell.endpoint.startswith("GET /status/")}
    assert [*cells] == ["GET /status/inside"]
    assert cells["GET /status/inside"].answer == "200"
    assert cells["GET /status/inside"].place == "tests/probe/doors.py:17"


@pytest.mark.postgres
def test_a_token_in_the_url_lets_nobody_in(ground: Grounds, settings: Any) -> None:
    """A view that takes the token of its URL serves a caller who sends no header."""
    settings.ROOT_URLCONF = "tests.probe.doors"
    found = access(ground("GET /token-of-url/"))
    answers = {cell.caller: cell.answer for cell in found.cells if cell.scenario == "one"}
    assert (answers["nobody"], answers["token in the URL"]) == ("401", "200")


@pytest.mark.postgres
def test_a_token_in_the_log_is_told_with_its_line(ground: Grounds, settings: Any) -> None:
    """Whoever reads the log could be that caller; what no level of the project lets through is not in the log."""
    settings.ROOT_URLCONF = "tests.probe.doors"
    lapses = access(ground("GET /chatty/", status=401, also=["GET /discreet/"])).lapses
    assert {(lapse.id, lapse.endpoint) for lapse in lapses} == {(SECRET_LOGGED, "GET /chatty/")}
    text = next(lapse.text for lapse in lapses if lapse.text.startswith("superuser"))
    assert "is written into the log 'tests.probe.doors' (WARNING): refused, with" in text
    assert {lapse.places[0] for lapse in lapses} == {"tests/probe/doors.py:40 in chatty"}


@pytest.mark.postgres
def test_a_token_in_the_log_of_an_outage_is_told(ground: Grounds, settings: Any) -> None:
    """Much is logged only while the database fails; the same view logs nothing when it answers."""
    settings.ROOT_URLCONF = "tests.probe.doors"
    lapses = access(ground("GET /chatty-in-outages/", also=["GET /discreet/"])).lapses
    logged = [lapse for lapse in lapses if lapse.endpoint in {"GET /chatty-in-outages/", "GET /discreet/"}]
    assert {(lapse.id, lapse.endpoint) for lapse in logged} == {(SECRET_LOGGED, "GET /chatty-in-outages/")}
    assert "is written into the log 'tests.probe.doors' (ERROR): no answer for" in logged[0].text


@pytest.mark.postgres
def test_a_right_that_was_taken_away_lets_nobody_in(ground: Grounds, settings: Any) -> None:
    """Rights in a cache outlive their end; an account that is switched off is refused before they are looked at."""
    settings.ROOT_URLCONF = "tests.probe.doors"
    lapses = access(ground("GET /remembered/", also=["GET /present/"])).lapses
    (lapse,) = [each for each in lapses if each.id == RIGHT_REMEMBERED]
    assert lapse.scenario == "one"
    assert "whose permissions were taken away after an earlier request is still answered 200" in lapse.text
    assert lapse.places[0].startswith("tests/probe/doors.py:")
    assert lapse.places[0].endswith(" in _served")


@pytest.mark.postgres
@pytest.mark.parametrize(("path", "told"), [("taken-by", ["name"]), ("taken", [])])
def test_a_refusal_that_tells_of_another_row_is_found(
    ground: Grounds, settings: Any, path: str, told: list[str]
) -> None:
    """Who is told that an address is taken need not be told whose it is; that it is, is no lapse."""
    settings.ROOT_URLCONF = "tests.probe.doors"
    body = '{ name = "Eve", email = "eve@rows.example" }'
    found = access(ground(f"POST /{path}/", body=body, status=201)).lapses
    words = [lapse.text for lapse in found if lapse.id == ROW_TOLD]
    assert words == [
        f"refused with 409, a caller is told the {name} of a row that another request has stored" for name in told
    ]
