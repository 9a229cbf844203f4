"""Base of the audit of migrations: the branch that the change goes to, or a sentence why there is none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from reglab.errors import AuditError
from reglab.migrations_audit.base_revision import BaseMissingError, base_revision


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, and return what it prints."""
    whoever = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    done = subprocess.run(["git", *whoever, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with the branches main and release, and a change of one commit on top of release, as a job has it."""
    origin = tmp_path / "origin"
    origin.mkdir()
    git(origin, "init", "--quiet", "--initial-branch", "main")
    for name in ("main", "release"):
        git(origin, "checkout", "--quiet", "-B", name)
        git(origin, "commit", "--quiet", "--allow-empty", "--message", name)
    git(origin, "checkout", "--quiet", "-b", "change")
    git(origin, "commit", "--quiet", "--allow-empty", "--message", "change")
    git(tmp_path, "clone", "--quiet", "--no-local", str(origin), "clone")
    git(tmp_path / "clone", "checkout", "--quiet", "--detach")
    monkeypatch.chdir(tmp_path / "clone")
    return tmp_path / "clone"


def test_a_pull_request_starts_from_the_branch_that_it_goes_to(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change for a release is held against the release, although there is a main branch."""
    monkeypatch.setenv("GITHUB_BASE_REF", "release")
    assert base_revision("").commit == git(clone, "rev-parse", "origin/release")


def test_an_azure_branch_is_named_in_full(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Azure Pipelines gives refs/heads/NAME."""
    monkeypatch.setenv("SYSTEM_PULLREQUEST_TARGETBRANCH", "refs/heads/release")
    assert base_revision("").commit == git(clone, "rev-parse", "origin/release")


def test_a_base_that_the_clone_lacks_is_no_answer(clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a clone of the last commit alone nobody knows what is new: that nothing is would be a silent pass."""
    git(tmp_path, "clone", "--quiet", "--no-local", "--depth", "1", f"file://{tmp_path / 'origin'}", "shallow")
    monkeypatch.chdir(tmp_path / "shallow")
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    with pytest.raises(BaseMissingError, match=r"goes to main \(GITHUB_BASE_REF\).*fetch-depth: 0"):
        base_revision("")


def test_a_base_that_is_named_must_be_there(clone: Path) -> None:
    """A misspelt revision is a mistake, not an audit of nothing."""
    with pytest.raises(BaseMissingError, match="no revision 'mian'"):
        base_revision("mian")


def test_without_any_branch_the_base_is_a_guess(clone: Path) -> None:
    """What is committed counts as the base then, which the audit says."""
    for name in git(clone, "for-each-ref", "--format=%(refname)").splitlines():
        git(clone, "update-ref", "--no-deref", "-d", name)
    found = base_revision("")
    assert (found.commit, found.is_guess) == (git(clone, "rev-parse", "HEAD"), True)


def test_no_repository_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git there is no base: another error than that of a clone which lacks it."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AuditError, match="taken from git") as caught:
        base_revision("")
    assert not isinstance(caught.value, BaseMissingError)


def test_a_project_that_the_repository_around_it_ignores_has_no_base(
    clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its migrations are in no revision, and git itself stumbles over such a folder: one sentence says so."""
    (clone / ".gitignore").write_text("scratch/\n")
    (clone / "scratch" / "project").mkdir(parents=True)
    monkeypatch.chdir(clone / "scratch" / "project")
    with pytest.raises(AuditError, match=r"the repository around .*project ignores it"):
        base_revision("")


def test_the_bases_process_uses_the_audits_database_on_another_engine(tmp_path: Path) -> None:
    """A project on SQLite, an app of which looked at its connection while it was loaded, and an audit on PostgreSQL."""
    shop = Path(__file__).resolve().parents[1] / "projects" / "shop"
    parts = {"ENGINE": "django.db.backends.postgresql", "NAME": "audit"}
    code = (
        "import django; django.setup()\n"
        "from django.db import connection, connections\n"
        "assert connection.vendor == 'sqlite'\n"
        "connections.settings['default']['OPTIONS'] = {'timeout': 5}\n"
        "from reglab.migrations_audit.base_worker import use_databases\n"
        f"use_databases({{'default': {parts!r}}})\n"
        "print(connection.vendor, connection.settings_dict['NAME'], connection.settings_dict['OPTIONS'])\n"
    )
    variables = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{shop.parents[2]}:{shop}",
        "DJANGO_SETTINGS_MODULE": "shop_settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["postgresql", "audit", "{}"], done.stderr
