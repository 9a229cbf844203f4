"""The ledger's change as a patch: git takes it as it is, and the audit then passes."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from reglab.report.renderings import markdown
from reglab.report.renderings.html import page
from reglab.report.runs import LEDGER_PATCH
from reglab.work.ledger.scenario_file import NO_REASON
from tests.report.examples import n_plus_one

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop in a folder of a repository, with a ledger of two scenarios, and a change that sends one query more."""
    repository = tmp_path_factory.mktemp("repository")
    folder = repository / "sites" / "shop"
    shutil.copytree(PROJECT / "tests" / "projects" / "shop", folder, ignore=shutil.ignore_patterns("__pycache__"))
    subprocess.run(["git", "init", "-q"], cwd=repository, check=True)
    assert audit(folder, "--accept", "The shop as it is").returncode == 0
    views = folder / "catalogue" / "views.py"
    views.write_text(views.read_text().replace("list(found[:10])", "[*found[:10], str(Author.objects.count())]"))
    return folder


def audit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "reglab", "audit", "--settings", "shop_settings", "--suite", "shop.toml")
    return subprocess.run(
        [*command, "--only", "*a*h*", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "CI": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_git_applies_it_and_with_a_reason_the_audit_passes(shop: Path) -> None:
    """Fails, names the patch, and passes with it and a reason; what did not move stays; a pass leaves no patch."""
    failed = audit(shop)
    assert failed.returncode == 1, failed.stdout + failed.stderr
    (patch,) = (shop / "var" / "runs").glob(f"*/{LEDGER_PATCH}")
    assert f"git apply {patch.relative_to(shop)}" in failed.stderr
    text = patch.read_text()
    assert text in (patch.parent / "report.md").read_text()
    assert [line for line in text.splitlines() if line.startswith("--- ")] == ["--- a/shop-ledger/search.json"]
    subprocess.run(["git", "apply", str(patch.relative_to(shop))], cwd=shop, check=True)
    silent = audit(shop)
    assert silent.returncode == 1
    assert "of search accepted without a reason" in silent.stdout
    ledger = shop / "shop-ledger" / "search.json"
    ledger.write_text(ledger.read_text().replace(NO_REASON, "The page shows how many authors there are"))
    passed = audit(shop)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert len(list((shop / "var" / "runs").glob(f"*/{LEDGER_PATCH}"))) == 1


def test_a_long_patch_is_named_and_not_shown() -> None:
    """A comment that nobody could read stays short: the file of the artifact has the whole."""
    text = markdown.render(replace(n_plus_one(), ledger_patch="+x\n" * 5_000))
    assert "+x" not in text
    assert "git apply ledger.patch" in text


def test_what_a_patch_holds_stays_text() -> None:
    """A statement of the ledger closes neither the comment's fence nor the page's element."""
    verdict = replace(n_plus_one(), ledger_patch="+ ```\n+</pre><script>alert(1)</script>\n")
    assert "````diff\n+ ```\n+</pre>" in markdown.render(verdict)
    assert "<script>alert" not in page.render(verdict)
