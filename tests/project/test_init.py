"""A project that nobody prepared goes from `init` to passing audits and true findings, nothing written by hand."""

import subprocess
from pathlib import Path

import pytest

from reglab.config.suite import Scenario, SuiteFile, Waiver, read_suite
from tests.project.copied_sites import Site

pytestmark = [pytest.mark.slow, pytest.mark.once]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Copy the small site."""
    return Site.copied(Path(__file__).parent / "site", tmp_path_factory.mktemp("init") / "site")


@pytest.fixture(scope="module")
def done(site: Site) -> "subprocess.CompletedProcess[str]":
    """Draft its suite, once."""
    return site.run("init", "--settings", "site_settings")


@pytest.fixture(scope="module")
def suite(site: Site, done: "subprocess.CompletedProcess[str]") -> SuiteFile:
    """Read what was drafted."""
    assert done.returncode == 0, done.stderr + done.stdout
    return read_suite(site.folder / "regression-lab" / "scenarios")


def scenario(suite: SuiteFile, request: str) -> Scenario:
    return next(one for one in suite.suite.scenario if one.request == request)


def waiver(suite: SuiteFile, path: str, method: str = "GET") -> Waiver:
    return next(one for one in suite.suite.waiver if one.endpoint == path and method in one.methods)


def test_every_kind_of_parameter_is_bound(suite: SuiteFile) -> None:
    """A uuid, four digits and a regular expression get values that their patterns take; the second is measured."""
    requests = {one.request for one in suite.suite.scenario}
    assert {"GET /parts/{part}/", "GET /reports/{report_year}/", "GET /codes/{report_code}/"} <= requests


def test_names_are_unique_where_paths_read_alike(suite: SuiteFile) -> None:
    """`price_list` and `price-list` are two scenarios."""
    names = [one.name for one in suite.suite.scenario]
    assert {"get-price-list", "get-price-list-2"} <= set(names)
    assert len(names) == len(set(names))


def test_requests_are_sent_as_the_settings_want_them(suite: SuiteFile) -> None:
    """By https, by the baked superuser, with a token where REST framework's classes ask for one."""
    assert suite.suite.https
    assert suite.suite.login is not None
    assert suite.suite.headers["Authorization"].startswith("Token {")
    assert scenario(suite, "GET /mine/")
    assert scenario(suite, "GET /api/notes/")


def test_writing_endpoints_are_drafted_with_what_they_wrote(suite: SuiteFile) -> None:
    """From a page's form, from a serializer, from nothing at all; each proposed."""
    for request, table, verb in (
        ("POST /parts/new/", "stock_part", "insert"),
        ("POST /api/notes/", "stock_note", "insert"),
        ("PATCH /api/notes/{note}/", "stock_note", "update"),
        ("DELETE /api/notes/{note}/", "stock_note", "delete"),
        ("POST /hook/", "stock_report", "insert"),
    ):
        found = scenario(suite, request)
        assert found.proposed
        assert getattr(found.writes[table], verb) == 1


def test_what_measures_nothing_is_waived_with_what_was_seen(suite: SuiteFile) -> None:
    """A log-in page, an answer without rows, an exception with its line, a method that is refused."""
    assert waiver(suite, "/closed/").reason == "302 to /login/ also as superuser"
    assert "reads no row of the project's own" in waiver(suite, "/about/").reason
    assert "reads no row of the project's own" in waiver(suite, "/login/").reason
    assert "reads no row of the project's own" in waiver(suite, "/search/").reason
    assert "RuntimeError: out of order (stock/views.py:" in waiver(suite, "/broken/").reason
    assert waiver(suite, "/hook/").reason.startswith("405")


def test_a_mute_refusal_is_waived_with_what_refused_it(suite: SuiteFile) -> None:
    """An exception without words is told by its line, also where a page of the view's own answers; so is a form."""
    assert waiver(suite, "/withheld/").reason.startswith("404: Http404 (stock/views.py:")
    reserved = waiver(suite, "/reserved/").reason
    assert reserved.startswith("403 also as superuser: for the owner of the shop (stock/views.py:")
    assert "word: not the word of the day" in waiver(suite, "/pledge/", "POST").reason


def test_a_row_that_validates_itself_is_baked_and_one_that_refuses_is_said(
    suite: SuiteFile, done: "subprocess.CompletedProcess[str]"
) -> None:
    """`Slot.save()` validates and has rows; `Refused.save()` raises and is listed with its reason."""
    assert scenario(suite, "GET /slots/")
    assert "stock.Refused: RuntimeError: only the importer writes these" in done.stdout


def test_development_is_left_out(suite: SuiteFile, done: "subprocess.CompletedProcess[str]") -> None:
    """The toolbar's middleware is named, and a URL that exists under DEBUG alone does not exist."""
    assert "debug_toolbar.middleware.DebugToolbarMiddleware" in done.stderr
    assert not any("only-in-debug" in one.endpoint for one in suite.suite.waiver)
    assert not any("only-in-debug" in str(one.request) for one in suite.suite.scenario)


def test_a_second_draft_never_replaces_the_first(site: Site, suite: SuiteFile) -> None:
    """It says what to do instead, and exits 2."""
    assert suite.files
    again = site.run("init", "--settings", "site_settings")
    assert again.returncode == 2
    assert "init --update" in again.stderr


@pytest.mark.parametrize("hash_seed", [1, 2, 3])
def test_further_runs_pass_in_fresh_processes(site: Site, suite: SuiteFile, hash_seed: int) -> None:
    """Whatever order sets have there."""
    assert suite.files
    audited = site.run("audit", hash_seed=hash_seed)
    assert audited.returncode == 0, audited.stdout + audited.stderr


def test_a_planted_n_plus_one_is_the_first_finding_at_its_line(site: Site, suite: SuiteFile, tmp_path: Path) -> None:
    """The join that is taken away is named where the rows are read."""
    assert suite.files
    planted = Site.copied(site.folder, tmp_path / "planted")
    views = planted.folder / "stock" / "views.py"
    views.write_text(views.read_text().replace('.select_related("maker")', ""))
    line = next(
        number for number, text in enumerate(views.read_text().splitlines(), start=1) if "row.maker.name" in text
    )
    audited = planted.run("audit")
    assert audited.returncode == 1, audited.stdout + audited.stderr
    first = f"\n{audited.stdout}".partition("\nFAIL ")[2].partition("\n\n")[0]
    assert "GET /parts/" in first
    assert f"stock/views.py:{line} in parts" in first


def test_an_update_adds_what_is_new_and_keeps_the_rest(site: Site, suite: SuiteFile, tmp_path: Path) -> None:
    """A URL that came later gets its scenario; what was edited by hand stays."""
    grown = Site.copied(site.folder, tmp_path / "grown")
    urls = grown.folder / "site_urls.py"
    urls.write_text(
        urls.read_text().replace('    path("mine/"', '    path("mine/too/", views.mine),\n    path("mine/"')
    )
    edited = grown.folder / "regression-lab" / "scenarios" / "mine.toml"
    edited.write_text("# edited by hand\n" + edited.read_text())
    updated = grown.run("init", "--update")
    assert updated.returncode == 0, updated.stdout + updated.stderr
    now = read_suite(grown.folder / "regression-lab" / "scenarios")
    assert scenario(now, "GET /mine/too/")
    assert edited.read_text().startswith("# edited by hand\n")
    assert len(now.suite.scenario) == len(suite.suite.scenario) + 1
