"""The history: nothing that was acknowledged is lost, and no machine's runs are mixed with another's."""

import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reglab.errors import HistoryError
from reglab.git.code_host import CodeHost
from reglab.report.history.store import History
from reglab.report.history.time_series import line_of
from reglab.report.history.trends import trends_of
from reglab.report.verdict import Verdict
from tests.report.examples import healthy, n_plus_one
from tests.report.making import ENVIRONMENT

ROOT = Path(__file__).parents[2]
WRITER = """
import sys
from dataclasses import replace
from pathlib import Path
from reglab.report.history.store import History
from tests.report.examples import healthy
for number in range(10):
    History(Path(sys.argv[1])).append(replace(healthy(), run=f"{sys.argv[2]}-{number}"))
"""


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "history" / "runs.sqlite3")


def on_machine(verdict: Verdict, machine: str, *, run: str) -> Verdict:
    records = tuple(
        replace(each, header=replace(each.header, environment=replace(ENVIRONMENT, machine=machine)))
        for each in verdict.records
    )
    return replace(verdict, records=records, run=run)


def samples_by_run(history: History) -> dict[str, int]:
    with sqlite3.connect(history.path) as connection:
        rows = connection.execute("SELECT name, count(sample.run) FROM run LEFT JOIN sample ON run = id GROUP BY id")
        found = dict(rows.fetchall())
    connection.close()
    return found


def test_a_judged_run_is_kept_with_its_environment(history: History) -> None:
    """What was appended is listed: revision, machine and outcome with it."""
    history.append(healthy())
    (run,) = history.runs()
    assert (run.outcome, run.revision, run.machine) == ("pass", "4055911", ENVIRONMENT.machine)


def test_judging_a_run_again_adds_no_second_point(history: History) -> None:
    """A run that is judged twice is one point of each line, and its last judgement is the one that is shown."""
    history.append(healthy())
    history.append(replace(n_plus_one(), samples=healthy().samples))
    assert [(run.outcome) for run in history.runs()] == ["fail"]
    assert {len(points) for points in history.lines().values()} == {1}


def test_runs_of_different_machines_never_share_a_line(history: History) -> None:
    """The same quantity on two machines is two lines of one point, not one line of two."""
    history.append(on_machine(healthy(), "aaaaaaaaaaaa", run="first"))
    history.append(on_machine(healthy(), "bbbbbbbbbbbb", run="second"))
    lines = history.lines(metric="latency_ms_p95", scenario="summary")
    assert [[point.run for point in points] for points in lines.values()] == [["first"], ["second"]]


@pytest.mark.parametrize(
    ("changed", "same"),
    [
        ({"machine": "other"}, False),
        ({"python": "3.13.0"}, False),
        ({"database": "SQLite 3.45"}, False),
        ({"database": "PostgreSQL 16.1"}, False),
        ({"python": "3.11.9"}, True),
        ({"packages": {"django": "6.1"}}, True),
    ],
)
def test_a_line_is_one_machine_interpreter_and_database(changed: dict[str, Any], same: bool) -> None:
    """Another machine, minor Python or major database begins a new line; a package's upgrade shows in the old one."""
    assert (line_of(replace(ENVIRONMENT, **changed)) == line_of(ENVIRONMENT)) is same


def test_globs_and_a_limit_select_lines(history: History) -> None:
    """Lines are chosen by metric and scenario, and by the number of the latest runs."""
    for number in range(3):
        history.append(replace(healthy(), run=f"run-{number}"))
    lines = history.lines(metric="latency_*", scenario="summary", last=2)
    assert {quantity.metric for quantity in lines} == {"latency_ms_p50", "latency_ms_p95", "latency_ms_p99"}
    assert {len(points) for points in lines.values()} == {2}


def test_the_last_runs_are_those_that_started_last(history: History) -> None:
    """A run that is judged late and started early is an early point, whatever the order in the file."""
    for name, day in (("third", 3), ("first", 1), ("second", 2)):
        verdict = healthy()
        records = tuple(
            replace(each, header=replace(each.header, started_at=f"2026-02-0{day}T12:00:00+00:00"))
            for each in verdict.records
        )
        history.append(replace(verdict, run=name, records=records))
    lines = history.lines(metric="latency_ms_p95", last=2)
    assert {tuple(point.run for point in points) for points in lines.values()} == {("second", "third")}


def with_latency(number: int, latency: float) -> Verdict:
    """A healthy run, the `number`-th day of a month, whose p95 is `latency`."""
    verdict = healthy()
    samples = tuple(
        replace(each, values=(latency,)) if each.metric.name == "latency_ms_p95" else each for each in verdict.samples
    )
    started_at = f"2026-02-{number:02}T12:00:00+00:00"
    records = tuple(replace(each, header=replace(each.header, started_at=started_at)) for each in verdict.records)
    return replace(verdict, run=f"run-{number}", samples=samples, records=records)


def test_a_pinned_run_comes_before_the_last_runs_however_old_it_is(history: History) -> None:
    """Drift since a baseline of long ago shows, though the runs between are not read."""
    for number in range(1, 7):
        history.append(with_latency(number, 38.0 + number))
    lines = history.lines(metric="latency_ms_p95", scenario="summary", last=2, pinned="run-1")
    (trend,) = trends_of(lines, pinned_run="run-1")
    assert [point.run for point in trend.points] == ["run-1", "run-5", "run-6"]
    assert trend.pinned == 39.0


def test_lines_that_never_moved_can_be_left_out(history: History) -> None:
    """Without the still lines, those are left that moved, a line that only moved since the pin among them."""
    for number, latency in ((1, 30.0), (2, 38.0), (3, 38.0)):
        history.append(with_latency(number, latency))
    assert not history.lines(last=2, still=False)
    moved = history.lines(last=2, pinned="run-1", still=False)
    assert {quantity.metric for quantity in moved} == {"latency_ms_p95"}


def test_a_pin_stands_for_the_run_that_was_pinned_last(history: History) -> None:
    """A name that is pinned twice stands for its later run."""
    for name in ("first", "second"):
        history.append(replace(healthy(), run=name))
        history.pin(name, name="baseline", pinned_at="2026-01-31T12:00:00+00:00")
    assert history.pinned() == {"baseline": "second"}


def test_a_run_that_was_never_judged_cannot_be_pinned(history: History) -> None:
    """Pinning nothing is refused in a sentence."""
    history.append(healthy())
    with pytest.raises(HistoryError, match="was never judged"):
        history.pin("no-such-run", name="baseline", pinned_at="2026-01-31T12:00:00+00:00")


def test_a_file_that_is_no_history_is_refused(tmp_path: Path) -> None:
    """Another file in its place is named and left as it is."""
    (tmp_path / "notes.txt").write_text("not a database, and long enough not to be taken for an empty one" * 20)
    with pytest.raises(HistoryError, match=r"notes\.txt"):
        History(tmp_path / "notes.txt").append(healthy())


def test_a_failed_append_leaves_nothing(history: History) -> None:
    """A run whose samples cannot be written is not there at all."""
    history.append(healthy())
    broken = replace(healthy().samples[0])
    # Past the validation that a measurement has.
    object.__setattr__(broken, "values", ((1, 2),))
    verdict = replace(healthy(), run="broken", samples=(*healthy().samples, broken))
    with pytest.raises((HistoryError, sqlite3.Error)):
        history.append(verdict)
    assert [run.name for run in history.runs()] == [healthy().run]


def test_concurrent_writers_lose_nothing(history: History) -> None:
    """Four processes that append ten runs each, at once, leave forty whole runs."""
    commands = [[sys.executable, "-c", WRITER, str(history.path), str(writer)] for writer in range(4)]
    writers = [subprocess.Popen(command, cwd=ROOT) for command in commands]
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    assert samples_by_run(history) == {
        f"{writer}-{number}": len(healthy().samples) for writer in range(4) for number in range(10)
    }


@pytest.mark.slow
def test_200_killed_writers_lose_nothing(history: History) -> None:
    """Of writers killed at random points, each acknowledged run is there, and each run that is there is whole."""
    command = [sys.executable, "-m", "tests.report.killed_writers", str(history.path)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    acknowledged = set(answer.stdout.split())
    found = samples_by_run(history)
    assert len(acknowledged) > 20
    assert acknowledged <= found.keys()
    assert set(found.values()) == {len(healthy().samples)}


def test_a_history_of_an_earlier_program_is_read(history: History) -> None:
    """It knows no branches: its runs have none, and the next run adds its own."""
    history.append(healthy())
    (run,) = history.runs()
    assert run.branch == ""
    history.append(replace(healthy(), run="later", host=CodeHost(branch="main")))
    assert {each.name: each.branch for each in history.runs()} == {healthy().run: "", "later": "main"}
