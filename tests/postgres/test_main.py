"""`reglab postgres run`: a command with a PostgreSQL of its own, and an honest exit code."""

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.postgres.owners import PROJECT, is_gone, wait_until

TELL = """
import json, os, signal, sys, time, urllib.parse
signal.signal(signal.SIGINT, lambda *_: sys.exit(41))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(42))
url = os.environ["DATABASE_URL"]
folder = os.path.dirname(urllib.parse.unquote(url.split("@")[1].split(":")[0]))
pid = int(open(os.path.join(folder, "data", "postmaster.pid")).readline())
print(json.dumps({"url": url, "folder": folder, "pid": pid, "own_pid": os.getpid()}), flush=True)
while True:
    time.sleep(1)
"""


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "reglab", "postgres", "run", *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=PROJECT)


def start_telling() -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "reglab", "postgres", "run", "--", sys.executable, "-c", TELL]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT, start_new_session=True)


@pytest.mark.parametrize("code", [0, 7])
def test_the_exit_code_is_the_commands(code: int) -> None:
    """The command's exit code comes back unchanged."""
    assert run("--", "sh", "-c", f"exit {code}").returncode == code


def test_a_commands_death_by_signal_is_told_as_a_shell_does() -> None:
    """A command that signal 9 ended gives 137."""
    assert run("--", "sh", "-c", "kill -9 $$").returncode == 137


def test_the_command_can_use_the_database() -> None:
    """DATABASE_URL names an existing, empty database with the chosen name and settings."""
    query = "SELECT current_database() || ' ' || current_setting('fsync')"
    program = f"import os, psycopg; print(psycopg.connect(os.environ['DATABASE_URL']).execute({query!r}).fetchone()[0])"
    options = ("--profile", "production-like", "--name", "shop")
    assert run(*options, "--", sys.executable, "-W", "ignore", "-c", program).stdout.strip() == "shop on"


def test_an_unknown_command_is_one_line() -> None:
    """A command that does not exist is a sentence and exit code 2, not a traceback."""
    finished = run("--", "no-such-command")
    assert finished.returncode == 2
    assert finished.stderr.splitlines() == [
        "reglab postgres: no-such-command: cannot be started (No such file or directory)"
    ]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 41), (signal.SIGTERM, 42)])
def test_signals_are_passed_on(number: signal.Signals, code: int) -> None:
    """A signal to the supervisor alone reaches the command, whose answer comes back; the server and its folder go."""
    with start_telling() as supervisor:
        assert supervisor.stdout is not None
        facts = json.loads(supervisor.stdout.readline())
        supervisor.send_signal(number)
        assert supervisor.wait(60) == code
    assert is_gone(facts["pid"])
    assert not Path(facts["folder"]).exists()


def test_ctrl_c_on_a_terminal_ends_all() -> None:
    """Ctrl-C reaches the command once; then the server stops, and its folder goes."""
    keyboard, screen = pty.openpty()
    command = [sys.executable, "-m", "reglab", "postgres", "run", "--", sys.executable, "-c", TELL]
    # `setsid --ctty` makes the pseudo-terminal the command's own, as a shell's window is.
    with subprocess.Popen(
        ["setsid", "--ctty", "--wait", *command], stdin=screen, stdout=subprocess.PIPE, text=True, cwd=PROJECT
    ) as supervisor:
        assert supervisor.stdout is not None
        facts = json.loads(supervisor.stdout.readline())
        os.write(keyboard, b"\x03")
        assert supervisor.wait(60) == 41
    os.close(keyboard)
    os.close(screen)
    assert is_gone(facts["pid"])
    assert not Path(facts["folder"]).exists()


def test_a_killed_supervisor_takes_the_server_along() -> None:
    """SIGKILL to the supervisor ends its server, though nobody could clean up."""
    with start_telling() as supervisor:
        assert supervisor.stdout is not None
        facts = json.loads(supervisor.stdout.readline())
        supervisor.kill()
        wait_until(lambda: is_gone(facts["pid"]), what="the server of a killed supervisor to end")
        psutil.Process(facts["own_pid"]).kill()
