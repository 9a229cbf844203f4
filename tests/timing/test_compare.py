"""`compare` from end to end: real processes, two real commits."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from reglab.report.record_files import read_record
from reglab.report.records import Completion, Record
from tests.timing.conftest import SLOW, Shop

pytestmark = pytest.mark.slow
MANY_QUERIES = "    for _ in range(400):\n        Book.objects.count()\n"
SLEEP = "    __import__('time').sleep(0.05)\n"
AUTHORS = 'queryset = Author.objects.order_by("pk")'


def record_in(folder: Path) -> Record:
    return read_record(folder / "compare.jsonl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One comparison of three changes at once: how it ended, what it printed, what it recorded."""

    exit_code: int
    stdout: str
    record: Record

    def evidence(self, scenario: str) -> str:
        """Return the first evidence of a scenario's time, with its source."""
        (line,) = [
            line
            for line in self.record.measurements
            if (line.scenario, line.metric.name, line.variant) == (scenario, "seconds", "candidate")
        ]
        return f"{line.evidence[0].text} at {line.evidence[0].source}"


def compare_three_changes(shop: Shop, run: Path) -> None:
    """Plant a sleep, many queries and another order of rows; leave the record and the command's ending in `run`."""
    shop.replace(SLOW, SLEEP + SLOW)
    shop.replace("    Book.objects.filter(pk=pk).update", MANY_QUERIES + "    Book.objects.filter(pk=pk).update")
    shop.replace(AUTHORS, 'queryset = Author.objects.order_by("-pk")')
    scenarios = [option for name in ("search", "sell", "authors") for option in ("--only", name)]
    done = shop.run("compare", "first", "--run", str(run), *scenarios)
    (run / "ending.json").write_text(json.dumps([done.returncode, done.stdout + done.stderr]), encoding="utf-8")


@pytest.fixture(scope="module")
def compared(original: Shop, tmp_path_factory: pytest.TempPathFactory) -> Compared:
    """Compare once, whichever of the tests' processes comes first; the others wait for it and read what it left."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    run = shared / "three-changes"
    with (shared / "three-changes.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not run.exists():
            folder = tmp_path_factory.mktemp("changed") / "shop"
            shutil.copytree(original.folder, folder)
            compare_three_changes(replace(original, folder=folder), run)
    exit_code, stdout = json.loads((run / "ending.json").read_text(encoding="utf-8"))
    return Compared(exit_code=exit_code, stdout=stdout, record=record_in(run))


def test_a_planted_slowdown_fails(compared: Compared) -> None:
    """A request that sleeps and one that asks 400 times are proven slower, and the command says so by its exit code."""
    assert compared.exit_code == 1, compared.stdout
    assert compared.stdout.count("FAIL slower: ") == 2
    for function in ("search", "sell"):
        assert f" in {function}" in compared.stdout


def test_more_queries_are_named_as_the_cause(compared: Compared) -> None:
    """Beside the time stands what the candidate does more, with its statement and the line."""
    said = compared.evidence("sell")
    assert said.startswith("+400 queries (401 against 1): SELECT COUNT(*)")
    assert "catalogue/views.py:" in said
    assert said.endswith("in sell")


def test_where_no_counter_differs_the_call_tree_names_the_function(compared: Compared) -> None:
    """A sleep is no work: the sampled stacks say in which line the time went."""
    said = compared.evidence("search")
    assert "ms an execution in search" in said
    assert "catalogue/views.py:" in said


def test_a_different_answer_is_not_a_pass(compared: Compared) -> None:
    """The authors come in another order: the record says where, and that times of it prove nothing."""
    (remark,) = [each for each in compared.record.remarks if each.scenario == "authors"]
    assert remark.kind.value == "inconclusive"
    assert remark.text.startswith("the sides answer differently: 0.id is 1 of the baseline, 4 of the candidate")


def test_wall_and_cpu_time_of_three_sides_are_recorded_as_pairs(compared: Compared) -> None:
    """Every side has one value a pair of both clocks, and only the wall clock's gates."""
    lines = [line for line in compared.record.measurements if line.scenario == "search"]
    assert {(line.metric.name, line.variant, line.gates) for line in lines} == {
        (metric, side, metric == "seconds")
        for metric in ("seconds", "cpu_seconds")
        for side in ("baseline", "candidate", "sentinel")
    }
    assert len({len(line.values) for line in lines}) == 1


def test_the_dirty_tree_is_said(compared: Compared) -> None:
    """A candidate that no commit holds is named as such, with its changed file."""
    texts = [remark.text for remark in compared.record.remarks]
    assert any("working tree" in text and "catalogue/views.py" in text for text in texts)
    assert compared.record.header.revision.endswith("+changes")


def test_the_same_code_never_fails(shop: Shop) -> None:
    """Nothing changed: a pass, or inconclusive on a machine that wanders, and no failure."""
    done = shop.run("compare", "first")
    assert done.returncode in {0, 3}, done.stdout + done.stderr
    (run,) = (shop.folder / "var" / "runs").iterdir()
    assert any("no file of the subject" in remark.text for remark in record_in(run).remarks)


def test_what_was_compiled_of_an_exported_subject_goes_with_it(shop: Shop) -> None:
    """The harness stays compiled for the next comparison; the temporary folders of both sides do not."""
    done = shop.run("compare", "first")
    assert done.returncode in {0, 3}, done.stdout + done.stderr
    kept = shop.folder / "var" / "paired" / "bytecode"
    assert any(kept.rglob("*.pyc"))
    assert not any(kept.rglob("compare-*"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("compare", "nowhere"), "there is no revision 'nowhere'"),
        (("compare", "first", "nowhere"), "there is no revision 'nowhere'"),
        (("compare", "first", "--only", "serch"), "did you mean 'search'?"),
        (("compare", "first", "--baseline-python", "/nowhere/python"), "the baseline"),
        (("bisect", "nowhere", "main", "--only", "search"), "there is no revision 'nowhere'"),
        (("bisect", "first", "main", "--only", "search"), "no commit between"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_2(shop: Shop, arguments: tuple[str, ...], said: str) -> None:
    """Unknown names, and an interpreter that is not there: what is wrong, in one line, and no traceback."""
    done = shop.run(*arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_baselines_interpreter_is_the_one_that_was_named(shop: Shop) -> None:
    """`--baseline-python` starts that interpreter for the baseline: one that cannot run the harness is told."""
    python = shop.folder / "var" / "python"
    python.parent.mkdir()
    python.write_text("#!/bin/sh\necho 'no packages here' >&2\nexit 3\n", encoding="utf-8")
    python.chmod(0o755)
    done = shop.run("compare", "first", "--baseline-python", str(python))
    assert done.returncode == 2
    assert "ended with exit 3: no packages here" in done.stderr


def test_a_named_candidate_in_a_dirty_tree_is_refused(shop: Shop) -> None:
    """Who names a commit while the subject has changes would take the result for theirs."""
    shop.replace(SLOW, SLEEP + SLOW)
    done = shop.run("compare", "first", "main")
    assert done.returncode == 2
    assert "uncommitted changes in the subject (catalogue/views.py)" in done.stderr


def test_a_baseline_that_does_not_start_is_exit_2(shop: Shop) -> None:
    """A baseline that cannot be imported is said in one sentence, and nothing is judged."""
    shop.replace("from catalogue import views", "from catalogue import view_s", path="shop_urls.py")
    broken = shop.commit("Break it")
    shop.replace("view_s", "views", path="shop_urls.py")
    done = shop.run("compare", "HEAD")
    assert done.returncode == 2, done.stdout
    assert f"the baseline ({broken[:12]}) does not run: ImportError" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_candidate_that_does_not_start_fails(shop: Shop) -> None:
    """What stops the candidate is the change's fault: a failure, and no pass for want of numbers."""
    shop.replace("def search(", "def find(")
    shop.replace("@require_GET\ndef find", "raise RuntimeError('planted')\n\n\ndef find")
    broken = shop.commit("Break it")
    shop.git("revert", "--no-edit", "HEAD")
    done = shop.run("compare", "first", broken)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "the candidate does not run: RuntimeError: planted" in " ".join(done.stdout.split())


def test_a_scenario_that_the_baseline_lacks_is_not_a_pass(shop: Shop) -> None:
    """A URL that only the candidate answers has nothing to be compared with."""
    shop.replace('path("search/"', 'path("search-old/"', path="shop_urls.py")
    old = shop.commit("Before the search")
    shop.replace('path("search-old/"', 'path("search/"', path="shop_urls.py")
    done = shop.run("compare", old, "--only", "search", "--only", "book")
    assert done.returncode == 3, done.stdout + done.stderr
    assert "the baseline does not answer as declared" in " ".join(done.stdout.split())


def test_a_module_that_the_baseline_lacks_is_not_taken_from_the_checkout(shop: Shop) -> None:
    """A baseline without the package does not silently run the candidate's."""
    shop.replace('subject = ["catalogue", ', 'subject = ["catalogue/migrations", ', path="shop.toml")
    shop.replace('"shop_urls.py"]', '"shop_urls.py", "catalogue"]', path="shop.toml")
    shop.git("mv", "catalogue", "gone")
    old = shop.commit("Without the catalogue")
    shop.git("mv", "gone", "catalogue")
    done = shop.run("compare", old)
    assert done.returncode == 2
    assert "has no catalogue/migrations and no catalogue" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_keeps_what_there_is_and_is_never_a_pass(
    shop: Shop, interrupted: list[subprocess.Popen[str]], tmp_path: Path, number: signal.Signals
) -> None:
    """Interrupted or terminated in its pairs, the comparison says so in its record, exits 3 and clears its folder."""
    run = shop.folder / "var" / "interrupted"
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        shop.command("compare", "first", "--run", str(run)),
        cwd=shop.folder,
        env={**shop.environment, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    interrupted.append(process)
    while not (run / "compare.jsonl").exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(number)
    stdout, stderr = process.communicate(timeout=120)
    assert process.returncode == 3, stdout + stderr
    assert record_in(run).footer.completion is Completion.INTERRUPTED
    assert not list(temporary.glob("compare-*"))


def test_bisect_finds_the_commit_by_its_queries(shop: Shop) -> None:
    """Of five commits the one that added queries is named, with the statement, at one run a commit."""
    for number in range(2):
        shop.replace('"""Authors, their', f'"""Authors (edition {number}), their', path="catalogue/models.py")
        shop.commit(f"Edit {number}")
        shop.replace(f" (edition {number})", "", path="catalogue/models.py")
    shop.replace(SLOW, MANY_QUERIES + SLOW)
    bad = shop.commit("Count the books again and again")
    for number in range(2):
        shop.replace('"""Somebody who', f'"""Somebody, {number}, who', path="catalogue/models.py")
        shop.commit(f"Edit more {number}")
        shop.replace(f", {number}, who", " who", path="catalogue/models.py")
    done = shop.run("bisect", "first", "main", "--only", "search")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"first bad commit, by queries: {bad[:7]}" in done.stdout
    assert "+400 queries (401 against 1)" in done.stdout


def test_bisect_finds_by_pairs_what_no_counter_shows(shop: Shop) -> None:
    """A sleep is no work: the counters of good and bad agree, pairs decide, and the line that sleeps is named."""
    shop.replace('"""Authors, their', '"""Authors, and their', path="catalogue/models.py")
    shop.commit("Edit")
    shop.replace(SLOW, SLEEP + SLOW)
    bad = shop.commit("Wait for the others")
    shop.replace('"""Authors, and their', '"""Authors, their', path="catalogue/models.py")
    shop.commit("Undo the edit")
    done = shop.run("bisect", "first", "main", "--only", "search")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no work counter rose: pairs decide" in done.stdout
    assert f"first bad commit, by time: {bad[:7]}" in done.stdout
    assert "ms an execution in search" in done.stdout
