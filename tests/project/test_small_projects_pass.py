"""Every small project, each with one peculiarity, goes from `init` to three passing audits, or ends in one sentence."""

from pathlib import Path

import pytest

from reglab.config.suite import read_suite
from tests.project.copied_sites import Site

pytestmark = [pytest.mark.slow, pytest.mark.once]

PROJECTS = Path(__file__).parents[1] / "projects"
NAMES = sorted(path.parent.name for path in PROJECTS.glob("*/site_settings.py"))
# Settings that raise: the sentence that a user reads.
REFUSED = {
    "settings-error": "the settings site_settings cannot be loaded: KeyError: 'PAYMENT_API_KEY'",
    "settings-logging": "the settings site_settings cannot be loaded: ValueError: Unable to configure handler",
}
# What each of these is there for.
MEASURED = {
    "hidden-methods": {"DELETE /operations/items/{part}", "POST /hook/", "POST /operations/items"},
    "named-in-code": {"POST /merge/", "POST /parts/", "POST /rename/"},
    "own-tokens": {
        "GET /api/errands",
        "GET /api/errands/{step_errand__pk}/steps/{step_number}",
        "GET /late/",
        "POST /api/errands",
        "POST /api/errands/{errand_2}/done",
        "POST /steps/",
    },
    "forced-ninja": {"GET /api/errands"},
    "rows-by-kind": {
        "GET /drawers/{drawer_2}/",
        "GET /flat/{flatpage}/",
        "GET /handlers/",
        "GET /lists/drawers/",
        "GET /mine/",
        "GET /papers/",
        "GET /papers/desk/letter/{letter}/",
        "GET /people/{user_username}/",
        "GET /places/",
        "GET /remarks/",
        "GET /total/",
        "POST /upload/",
    },
    "tenants": {"GET /domains/", "GET /parts/"},
    "path-tenants": {
        "GET /api/items",
        "GET /houses/{museum_slug}/",
        "GET /m/{item_museum__slug}/items/{item}/",
        "GET /m/{museum_slug}/items/",
        "POST /contact/",
    },
    "own-rows": {"GET /notes/", "GET /notes/{note_of_user}/"},
    "virtual-table": {"GET /parts/", "POST /parts/"},
}


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(REFUSED)))
def test_three_further_runs_pass(name: str, tmp_path: Path) -> None:
    """In fresh processes with other hash seeds, without a traceback and with nothing written by hand."""
    site = Site.copied(PROJECTS / name, tmp_path / name)
    done = site.run("init", "--settings", "site_settings")
    assert done.returncode == 0, done.stdout + done.stderr
    requests = {one.request for one in read_suite(site.folder / "regression-lab" / "scenarios").suite.scenario}
    assert MEASURED.get(name, set()) <= requests
    for hash_seed in (1, 2, 3):
        audited = site.run("audit", hash_seed=hash_seed)
        assert audited.returncode == 0, audited.stdout + audited.stderr
        assert "Traceback" not in audited.stderr + done.stderr


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_settings_that_raise_are_one_sentence(name: str, tmp_path: Path) -> None:
    """Exit 2: could not run."""
    done = Site.copied(PROJECTS / name, tmp_path / name).run("init", "--settings", "site_settings")
    assert done.returncode == 2
    assert REFUSED[name] in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
