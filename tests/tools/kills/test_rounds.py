"""Promises that a kill may break: each is seen where it is broken, and where it holds nothing is said."""

import subprocess
import time

import psutil
import pytest

from tools.kills.rounds import Undisturbed, _is_alive, _named, broken_promise

WHOLE = Undisturbed(seconds=5.0, passed=108)
PASS = "work: 4 subjects, 108 checks passed\nPASS: 1 note, 108 pass, work only\n"


@pytest.mark.parametrize(
    ("exit_code", "victim", "text", "said"),
    [
        (1, "initdb", "FAIL: 1 fail", "exit 1, which says that the change is bad"),
        (0, "postgres: checkpointer", PASS, "a pass, although a process of the database was killed"),
        (0, "python reglab audit", PASS.replace("108 pass", "96 pass"), "a pass with fewer checks than the 108"),
        (0, "python reglab audit", "", "a pass with fewer checks than the 108"),
        (2, "initdb", "Traceback (most recent call last)\n", "a traceback for the user"),
    ],
)
def test_a_broken_promise_is_said(exit_code: int, victim: str, text: str, said: str) -> None:
    """A wrong exit code, a pass of a broken or smaller run, and a traceback."""
    assert said in broken_promise(exit_code, victim, text, whole=WHOLE)


@pytest.mark.parametrize(
    ("exit_code", "victim", "text"),
    [(2, "postgres", "the database is gone"), (3, "python reglab race", "INCONCLUSIVE"), (0, "postgres --check", PASS)],
)
def test_a_kept_promise_is_silent(exit_code: int, victim: str, text: str) -> None:
    """It could not run, it is undecided, or what was killed was one of initdb's trials."""
    assert broken_promise(exit_code, victim, text, whole=WHOLE) == ""


def test_a_process_that_has_ended_is_no_victim() -> None:
    """Until it is reaped it is listed, with a name and without a command: to kill it meets nothing."""
    with subprocess.Popen(["true"]) as process:
        ended = psutil.Process(process.pid)
        while _is_alive(ended):
            time.sleep(0.01)
        with pytest.raises(psutil.Error):
            _named(ended)
