"""Pairs as a project declares them: judged by their own bounds, found where nothing judges them, recorded if plain."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reglab.report.record_files import read_record
from reglab.report.records import Measurement, RemarkKind

PROJECT = Path(__file__).resolve().parents[2]
BENCH = """
from catalogue.models import Author, Book
from reglab.benchmark.pairs import Pair, at_least, at_most

def build():
    for number in range(5):
        author = Author.objects.create(name=f"Author {number}")
        Book.objects.create(title=f"Book {number}", author=author, stock=number)

def one_by_one():
    return [book.author.name for book in Book.objects.order_by("pk")]

def joined():
    return [book.author.name for book in Book.objects.select_related("author").order_by("pk")]

KEPT = dict(before=one_by_one, after=joined, given=build, rounds=2, warmup_rounds=0)
test_kept = Pair(scenario="kept", queries_before=at_least(6), queries_after=1, inserts_after=at_most(0), **KEPT).test()
test_broken = Pair(scenario="broken", queries_after=0, queries_before=at_least(100), **KEPT).test()
test_unjudged = Pair(scenario="unjudged", **KEPT).test()
test_ruled = Pair(scenario="ruled", **KEPT).test()
test_unequal = Pair(scenario="ruled-too", queries_after=1, **{**KEPT, "after": lambda: []}).test()

def test_plain(benchmark):
    assert benchmark(sum, range(10)) == 45
"""
POLICY = """schema_version = 1

[[rule]]
name = "ruled-in-one-query"
instrument = "benchmark"
scenario = "ruled"
metrics = ["queries"]
variant = "after"
test = "budget"
equals = 1
unit = "queries"
reason = "The pair is judged by a rule of the project's policy."
next_step = "Look at the after side."
"""
# Only the plugins that it needs: the others of this environment take seconds to load.
INI = """
[pytest]
DJANGO_SETTINGS_MODULE = shop_settings
pythonpath = .
django_find_project = false
addopts = -p pytest_django.plugin -p pytest_benchmark.plugin
"""
CONFIGURATION = """
settings = "shop_settings"
benchmarks = "bench"
policy = "policy.toml"
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with five pairs and a plain benchmark, and a policy that judges one of the pairs."""
    folder = tmp_path_factory.mktemp("pairs") / "shop"
    shutil.copytree(PROJECT / "tests" / "projects" / "shop", folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "bench").mkdir()
    (folder / "bench" / "test_shop.py").write_text(BENCH, encoding="utf-8")
    (folder / "pytest.ini").write_text(INI, encoding="utf-8")
    (folder / "reglab.toml").write_text(CONFIGURATION, encoding="utf-8")
    (folder / "policy.toml").write_text(POLICY, encoding="utf-8")
    return folder


def ran(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_", "DATABASE"))
    }
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env={**kept, "PYTHONPATH": str(PROJECT), "CI": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def measured(shop: Path) -> subprocess.CompletedProcess[str]:
    """`reglab benchmark` in the shop, once for all tests."""
    return ran(shop, "reglab", "benchmark", "--run", "run")


def lines(shop: Path, metric: str) -> dict[str, Measurement]:
    found = read_record(shop / "run" / "benchmark.jsonl").measurements
    return {one.scenario: one for one in found if one.metric.name == metric}


def test_a_broken_bound_is_a_finding_with_its_line(shop: Path, measured: subprocess.CompletedProcess[str]) -> None:
    """Each bound that a side does not keep is told at its declaration; where a side failed, none is judged."""
    assert measured.returncode == 1, measured.stdout + measured.stderr
    broken = lines(shop, "pair_bounds_broken")
    assert {name: one.value for name, one in broken.items()} == {"kept": 0, "broken": 2}
    told = [(one.text, one.source) for one in broken["broken"].evidence]
    line = 1 + next(number for number, text in enumerate(BENCH.splitlines()) if text.startswith("test_broken"))
    assert told == [
        ("queries of before: 6, the pair declares at least 100", f"bench/test_shop.py:{line}"),
        ("queries of after: 1, the pair declares exactly 0", f"bench/test_shop.py:{line}"),
    ]
    assert "queries of before: 6, the pair declares at least 100" in measured.stdout


def test_a_pair_that_nothing_judges_is_a_finding(shop: Path, measured: subprocess.CompletedProcess[str]) -> None:
    """A pair that no rule names, and without bounds, is found, with the file and the words to add."""
    unjudged = lines(shop, "unjudged_pairs")
    assert {name for name, one in unjudged.items() if one.value} == {"unjudged"}
    assert "ruled" in unjudged
    assert "bench/test_shop.py:" in unjudged["unjudged"].evidence[0].text
    assert "queries_after=1" in unjudged["unjudged"].evidence[0].text
    assert "pairs-judged" in (shop / "run" / "verdict.json").read_text(encoding="utf-8")


def test_sides_that_return_different_values_are_no_pair(shop: Path, measured: subprocess.CompletedProcess[str]) -> None:
    """Equal output comes before any timing: the after side fails its test, and has no figures."""
    record = read_record(shop / "run" / "benchmark.jsonl")
    failed = [one.text for one in record.remarks if one.kind is RemarkKind.FAIL]
    assert len(failed) == 1
    assert "sides that do not return the same are no pair" in failed[0]
    assert not [one for one in record.measurements if (one.scenario, one.variant) == ("ruled-too", "after")]


def test_a_plain_benchmark_is_recorded_and_a_note(shop: Path, measured: subprocess.CompletedProcess[str]) -> None:
    """Any test of pytest-benchmark in the folder is measured; one that is no pair is named in a note."""
    record = read_record(shop / "run" / "benchmark.jsonl")
    assert "bench/test_shop.py::test_plain" in lines(shop, "seconds")
    (note,) = [one.text for one in record.remarks if one.kind is RemarkKind.NOTE]
    assert note == "1 plain benchmark, recorded, judged by nobody: bench/test_shop.py::test_plain"


def test_the_options_of_pytest_benchmark_work(shop: Path) -> None:
    """`pytest bench --benchmark-only` runs the pairs alone, without a command of ours."""
    done = ran(shop, "pytest", "bench", "--benchmark-only", "-q", "-k", "kept", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout
    assert "benchmark 'kept': 2 tests" in done.stdout
