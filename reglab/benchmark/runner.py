"""Before/after pairs: pytest-benchmark runs them, and its JSON becomes a record."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from junitparser import JUnitXml, TestCase

from reglab.benchmark.recording import benchmarks_in, lines_of
from reglab.report.environment import present_environment, revision
from reglab.report.policy import Policy
from reglab.report.record_files import now, recording
from reglab.report.records import CHOSEN, Header, Remark, RemarkKind
from reglab.termination import with_our_end

RECORD: Final = "benchmark.jsonl"
_TESTS_FAILED: Final = 1


def run_benchmarks(*, benchmarks: Path, run: Path, folder: Path, policy: Policy, only: str = "") -> int:
    """Run the pairs under pytest in a process of their own and write the record; return pytest's exit code.

    A pair that fails, errors or is missing leaves a `fail` remark in the record, and no timing of its own. `policy`
    tells which pairs some rule judges; `only` is what a user chose of them, so that rules of others may find nothing.
    """
    raw, junit = run / "pytest-benchmark.json", run / "benchmark-junit.xml"
    header = Header(
        instrument="benchmark",
        run=run.name,
        subject=str(benchmarks),
        revision=revision(folder),
        environment=present_environment(),
        started_at=now(),
        context={CHOSEN: only} if only else {},
    )
    with recording(run / RECORD, header) as record:
        exit_code = _pytest(benchmarks=benchmarks, raw=raw, junit=junit, folder=folder)
        for remark in _remarks(exit_code, junit):
            record.write(remark)
        for line in lines_of(benchmarks_in(raw), policy, is_whole=exit_code == 0):
            record.write(line)
    return exit_code


def _pytest(*, benchmarks: Path, raw: Path, junit: Path, folder: Path) -> int:
    # Random order and parallel runs are for tests: a timing wants the same neighbours every time.
    command = [sys.executable, "-m", "pytest", str(benchmarks), "--benchmark-enable", f"--benchmark-json={raw}"]
    command += [f"--junitxml={junit}", "--benchmark-disable-gc", "-p", "no:randomly"]
    return subprocess.run(command, cwd=folder, check=False, env=with_our_end(os.environ)).returncode


def _remarks(exit_code: int, junit: Path) -> Iterator[Remark]:
    if exit_code == 0:
        return
    failures = list(_failures(junit)) if junit.exists() else []
    # Any other exit code, and a signal, is pytest's own trouble or the machine's.
    kind = RemarkKind.FAIL if exit_code == _TESTS_FAILED else RemarkKind.INCONCLUSIVE
    for text in failures or [f"pytest ended with exit {exit_code} and named no failing suite"]:
        yield Remark(
            kind=kind,
            text=text,
            next_step="Run the pairs alone: `pytest FOLDER`. Equal output comes before any timing.",
        )


def _failures(junit: Path) -> Iterator[str]:
    for suite in JUnitXml.fromfile(str(junit)):
        for case in suite:
            if isinstance(case, TestCase):
                for result in case.result:
                    yield f"{case.classname}::{case.name}: {_first_line(result.message or result.text or '')}"


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else "no message"
