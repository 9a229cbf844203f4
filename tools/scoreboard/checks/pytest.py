"""A peer whose check is a pytest suite: it fails where a test fails."""

import re
import secrets
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from tools.scoreboard.checks.observation import Observation, Run, Situation, last_line, run, told
from tools.scoreboard.errors import ScoreboardError

_PASSED: Final = 0
_TESTS_FAILED: Final = 1


def prepare(situation: Situation, *, record: str = "state") -> None:
    """Let the peer record what its tests compare with, from a copy of the unchanged service. Raises ScoreboardError.

    What holds for this machine alone is recorded each time; what is `committed`, only where somebody asks for it.
    """
    situation.state.mkdir(parents=True, exist_ok=True)
    # The database that pytest-django leaves here is what later runs start from, as its `--reuse-db` has it.
    done = run(situation, [*pytest_command(situation), "--reuse-db"], SCOREBOARD_RECORD=record)
    if record == "committed" and done.code != _PASSED:
        raise ScoreboardError(f"{situation.peer.name}: nothing recorded: {last_line(situation, done.output)}")


def observe(situation: Situation, *arguments: str) -> Observation:
    """Run the suite once, and tell failed tests from a set-up that crashed."""
    report = situation.copy / f"report-{secrets.token_hex(4)}.xml"
    done = run(situation, [*pytest_command(situation), "--reuse-db", f"--junit-xml={report}", *arguments])
    if done.code == _PASSED:
        return Observation(outcome="quiet", seconds=done.seconds)
    if done.code != _TESTS_FAILED:
        return Observation(outcome="error", signal=last_line(situation, done.output), seconds=done.seconds)
    return _judged(situation, done, report)


def pytest_command(situation: Situation) -> list[str]:
    """Return the command of the peer's suite, with its own configuration and no other."""
    folder = str(situation.peer.folder)
    configuration = str(situation.peer.folder / "pytest.ini")
    return [str(situation.python), "-m", "pytest", "-c", configuration, "--rootdir", folder, folder]


def _judged(situation: Situation, done: Run, report: Path) -> Observation:
    failures, errors = _messages(report, "failure"), _messages(report, "error")
    if not failures:
        text = errors[0] if errors else last_line(situation, done.output)
        return Observation(outcome="error", signal=told(situation, text), seconds=done.seconds)
    own = [text for text in failures if re.search(situation.peer.own_signal, text)]
    return Observation(
        outcome="failed",
        reason="own" if own else "test",
        signal=told(situation, (own or failures)[0]),
        seconds=done.seconds,
    )


def _messages(report: Path, kind: str) -> list[str]:
    tree = ET.parse(report)  # noqa: S314  # pytest has just written it
    return [element.get("message") or "" for element in tree.iter(kind)]
