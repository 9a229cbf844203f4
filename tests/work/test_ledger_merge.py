"""Merging the ledger: both sides' changes are kept, and only one value changed twice conflicts."""

import subprocess
import sys
from pathlib import Path

import pytest

from reglab.errors import AuditError
from reglab.work.ledger.known_problems import KnownProblems, merged_known
from reglab.work.ledger.merge import merged
from reglab.work.ledger.scenario_file import Accepted, ScenarioLedger, parsed

ROOT = Path(__file__).resolve().parents[2]


def ledger(**counters: int) -> ScenarioLedger:
    return ScenarioLedger(
        counters={"postgresql": {key: Accepted(value=value, why="because") for key, value in counters.items()}}
    )


def test_changes_of_different_counters_are_both_kept() -> None:
    """One side's queries and the other's bytes, an addition and a removal: all of it, without a conflict."""
    base = ledger(queries=3, response_bytes=10, inserts=1)
    text, conflicts = merged(
        base, ledger(queries=4, response_bytes=10, inserts=1), ledger(queries=3, response_bytes=12)
    )
    assert conflicts == ()
    assert parsed(text, path=Path("a.json")) == ledger(queries=4, response_bytes=12)


def test_the_same_value_on_both_sides_is_no_conflict() -> None:
    """Two branches that accept the same, each with its own reason, agree."""
    text, conflicts = merged(ledger(queries=3), ledger(queries=4), ledger(queries=4))
    assert (conflicts, parsed(text, path=Path("a.json"))) == ((), ledger(queries=4))


def test_one_value_changed_twice_conflicts_there_alone() -> None:
    """Git's markers stand around that line and no other, and the reader says how to go on."""
    base = ledger(fingerprints=2, queries=3, repeats=0)
    text, conflicts = merged(
        base, ledger(fingerprints=2, queries=4, repeats=0), ledger(fingerprints=5, queries=9, repeats=0)
    )
    assert conflicts == ("queries",)
    assert text.count("<<<<<<<") == 1
    between = text.partition("<<<<<<< ours\n")[2].partition(">>>>>>> theirs")[0].splitlines()
    assert between == [
        ' "queries": {"value": 4, "why": "because"},',
        "=======",
        ' "queries": {"value": 9, "why": "because"},',
    ]
    with pytest.raises(
        AuditError, match=r"keep either line, remove the markers, and let `reglab audit --only a --accept"
    ):
        parsed(text, path=Path("a.json"))
    kept = text.replace("<<<<<<< ours\n", "").replace("=======\n" + between[2] + "\n>>>>>>> theirs\n", "")
    assert parsed(kept, path=Path("a.json")) == ledger(fingerprints=5, queries=4, repeats=0)


def test_what_either_side_found_unstable_never_gates() -> None:
    """A counter that one branch found to be unstable is not accepted by the other one's value."""
    ours, theirs = ledger(queries=3), ledger(queries=3)
    theirs.counters["postgresql"].clear()
    theirs.unstable["postgresql"] = {"queries": "3 and 4"}
    text, conflicts = merged(ledger(queries=3), ours, theirs)
    result = parsed(text, path=Path("a.json"))
    assert (conflicts, result.unstable) == ((), {"postgresql": {"queries": "3 and 4"}})
    assert "queries" not in result.counters.get("postgresql", {})


def test_a_known_problem_that_either_side_solved_is_gone() -> None:
    """Problems that are new on one side stay; what one side worked off does not come back."""
    base = KnownProblems(known={"n+1": {"a": 1.0, "b": 1.0}})
    ours = KnownProblems(known={"n+1": {"a": 1.0}})
    theirs = KnownProblems(known={"n+1": {"a": 1.0, "b": 1.0}, "scan": {"c": 1.0}})
    assert merged_known(base, ours, theirs).known == {"n+1": {"a": 1.0}, "scan": {"c": 1.0}}


def git(folder: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.test"]
    return subprocess.run(["git", *identity, *arguments], cwd=folder, check=check, capture_output=True, text=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a ledger of one scenario and the merge driver set up."""
    folder = tmp_path / "repository"
    (folder / "ledger").mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    (folder / "ledger" / "a.json").write_text(ledger(fingerprints=2, queries=3, repeats=0).text())
    (folder / ".gitattributes").write_text("ledger/*.json merge=reglab-ledger\n")
    driver = f'PYTHONPATH="{ROOT}" "{sys.executable}" -m reglab ledger merge %O %A %B %P'
    git(folder, "config", "merge.reglab-ledger.driver", driver)
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "base")
    return folder


def branch(folder: Path, name: str, **counters: int) -> None:
    git(folder, "checkout", "--quiet", "-b", name, "main")
    (folder / "ledger" / "a.json").write_text(ledger(**counters).text())
    git(folder, "commit", "--quiet", "-am", name)


def test_git_merges_two_acceptances_of_one_scenario(repository: Path) -> None:
    """Neighbouring lines, changed on two branches, merge by the driver; one value changed twice conflicts."""
    branch(repository, "one", fingerprints=2, queries=4, repeats=0)
    branch(repository, "two", fingerprints=2, queries=3, repeats=1, inserts=1)
    git(repository, "merge", "--quiet", "-m", "both", "one")
    text = (repository / "ledger" / "a.json").read_text()
    assert parsed(text, path=Path("a.json")) == ledger(fingerprints=2, queries=4, repeats=1, inserts=1)
    branch(repository, "three", fingerprints=2, queries=5, repeats=0)
    done = git(repository, "merge", "--quiet", "-m", "again", "one", check=False)
    assert done.returncode == 1
    assert "both sides accepted another value of queries" in done.stdout + done.stderr


def test_neighbouring_lines_merge_without_the_driver(repository: Path) -> None:
    """Where nobody has set the driver up, a web page's merge button too keeps changes of different counters."""
    (repository / ".gitattributes").unlink()
    git(repository, "commit", "--quiet", "-am", "no driver")
    branch(repository, "one", fingerprints=7, queries=3, repeats=0)
    branch(repository, "two", fingerprints=2, queries=4, repeats=0)
    git(repository, "merge", "--quiet", "-m", "both", "one")
    text = (repository / "ledger" / "a.json").read_text()
    assert parsed(text, path=Path("a.json")) == ledger(fingerprints=7, queries=4, repeats=0)
