"""The command line, as a process: exit codes, files, and one line for a mistake."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from reglab.commands.schema import NAMES
from tests.report.making import RUN, SMALL_POLICY, healthy_work, queries, write_healthy_run, written

ROOT = Path(__file__).parents[2]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    write_healthy_run(tmp_path / "runs" / RUN)
    return tmp_path / "runs"


def reports(runs: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "reglab",
        "report",
        "--runs",
        str(runs),
        "--history",
        str(runs / "history"),
        *arguments,
    ]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def judged(runs: Path, run: str = "latest", *more: str) -> subprocess.CompletedProcess[str]:
    return reports(runs, "judge", run, "--policy", str(SMALL_POLICY), *more)


def test_a_pass_exits_0(runs: Path) -> None:
    """A healthy run exits 0 and ends in its verdict."""
    answer = judged(runs)
    assert (answer.returncode, answer.stdout.strip().splitlines()[-1]) == (0, "PASS: 12 pass")


def test_a_fail_exits_1(runs: Path) -> None:
    """A run that breaks a rule exits 1."""
    (runs / RUN / "work.jsonl").unlink()
    with written(runs / RUN, "work") as writer:
        writer.write(queries("orders", "orders=5", 4, accepted=3))
    assert judged(runs).returncode == 1


def test_a_part_is_shown_as_the_command_judged_it(runs: Path) -> None:
    """Of a command that ran alone, `show` tells what it concluded; `judge`, which CI asks, calls a part no pass."""
    for record in (runs / RUN).glob("*.jsonl"):
        record.unlink()
    with written(runs / RUN, "work", chosen="orders") as writer:
        for line in healthy_work():
            writer.write(line)
    shown = reports(runs, "show", RUN, "--policy", str(SMALL_POLICY))
    assert shown.returncode == 0, shown.stdout
    assert judged(runs).returncode == 3


def test_a_run_that_is_not_whole_exits_3(runs: Path) -> None:
    """A run without one of its records says nothing of the change, and is no pass."""
    (runs / RUN / "benchmark.jsonl").unlink()
    assert judged(runs).returncode == 3


def test_an_undecided_run_exits_3(runs: Path) -> None:
    """An interrupted stage exits 3."""
    (runs / RUN / "load.jsonl").unlink()
    with pytest.raises(KeyboardInterrupt), written(runs / RUN, "load"):
        raise KeyboardInterrupt
    assert judged(runs).returncode == 3


@pytest.mark.parametrize(
    "arguments",
    [
        ("judge",),
        ("judge", "no-such-run"),
        ("judge", "./nowhere"),
        ("judge", str(ROOT / "pyproject.toml")),
        ("judge", str(ROOT)),
        ("judge", "latest", "--policy", "none.toml"),
        ("judge", "latest", "--only", "wrok"),
        ("jugde", "latest"),
        (),
    ],
)
def test_a_mistake_exits_2_without_a_traceback(runs: Path, arguments: tuple[str, ...]) -> None:
    """Whatever is mistyped exits 2 with a message and never with a traceback."""
    answer = reports(runs, *arguments)
    assert (answer.returncode, "Traceback" in answer.stderr, bool(answer.stderr)) == (2, False, True)


def test_judging_writes_every_rendering_beside_the_records(runs: Path) -> None:
    """The run folder holds the reports afterwards, and JSON says what the exit code says."""
    judged(runs)
    names = {path.name for path in (runs / RUN).iterdir()} - {"work.jsonl", "benchmark.jsonl", "load.jsonl"}
    document = json.loads((runs / RUN / "verdict.json").read_text(encoding="utf-8"))
    assert names >= {"verdict.json", "junit.xml", "report.md", "bencher.json", "benchmark.json"}
    assert (document["outcome"], document["exit_code"]) == ("pass", 0)


def test_judging_again_is_not_disturbed_by_its_own_reports(runs: Path) -> None:
    """A judged run can be judged again: the reports are no records."""
    assert [judged(runs).returncode, judged(runs).returncode] == [0, 0]


def test_a_run_is_found_by_the_beginning_of_its_id(runs: Path) -> None:
    """A prefix that only one run has names it, and one that two have is refused."""
    write_healthy_run(runs / "20260131T130000Z-aaaaaa", run="20260131T130000Z-aaaaaa")
    assert [judged(runs, "20260131T12").returncode, judged(runs, "20260131").returncode] == [0, 2]


def test_output_is_plain_where_it_is_no_terminal(runs: Path) -> None:
    """Into a pipe goes no escape sequence."""
    assert "\x1b" not in judged(runs).stdout


def test_a_run_without_history_is_listed_with_its_outcome(runs: Path) -> None:
    """What a single audit concluded lies in its folder; the list tells it, although the gate's history does not."""
    folder = runs / "20260131T130000Z-aaaaaa"
    write_healthy_run(folder, run=folder.name)
    assert judged(runs, folder.name, "--no-history").returncode == 0
    lines = reports(runs, "list").stdout.splitlines()
    assert lines[lines.index(folder.name) + 1].startswith("  PASS: ")


def test_a_judged_run_is_listed_followed_and_pinned(runs: Path) -> None:
    """After judging, the run is in the list, in the trend, and can be pinned and compared with itself."""
    judged(runs)
    said = [
        reports(runs, "list").stdout,
        reports(runs, "trend", "--metric", "latency*").stdout,
        reports(runs, "pin", "latest").stdout,
        reports(runs, "diff", "pinned", "latest", "--policy", str(SMALL_POLICY)).stdout,
    ]
    assert RUN in said[0]
    assert "load / smoke / latency_ms_p95" in said[1]
    assert "is pinned as the baseline: `pinned` names it" in said[2]
    (listed,) = (line for line in reports(runs, "list").stdout.splitlines() if line.startswith(RUN))
    assert listed.endswith("pinned")
    assert reports(runs, "show", "pinned", "--policy", str(SMALL_POLICY)).returncode == 0
    assert "no finding turned and nothing moved" in said[3]


def test_a_run_without_history_is_not_kept(runs: Path) -> None:
    """With --no-history nothing is appended, and a trend says that there is none."""
    judged(runs, "latest", "--no-history")
    answer = reports(runs, "trend")
    assert (answer.returncode, "there is no history yet" in answer.stderr) == (2, True)


@pytest.mark.parametrize("kind", NAMES)
def test_a_schema_is_printed(kind: str) -> None:
    """`reglab schema KIND` prints a published schema, which is JSON."""
    command = [sys.executable, "-m", "reglab", "schema", kind]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["$id"].startswith(kind)


def test_a_first_run_that_measured_nothing_is_undecided(runs: Path) -> None:
    """A stage that ended before its first measurement leaves no line of the history: that is no error of the judge."""
    for record in (runs / RUN).glob("*.jsonl"):
        record.unlink()
    with pytest.raises(ValueError, match="a typo"), written(runs / RUN, "work"):
        raise ValueError("a typo")
    answer = judged(runs)
    assert answer.returncode == 3, answer.stderr
    assert "could not be measured: ValueError: a typo" in answer.stdout
    assert reports(runs, "show", "latest", "-v").returncode == 3
