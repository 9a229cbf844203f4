"""Ends of a command: whatever ends it, nothing is left, and a broken run is never a pass nor a bad change."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from reglab.own_folders import own_folder, prefix_of
from tests.environments.kiosks import Kiosk, left_behind

DEADLINE_SECONDS = 240.0  # generous: a busy machine is no failure
Started = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(temporary: Path) -> Iterator[Started]:
    """Start commands; those that still run in the end are killed."""
    processes: list[subprocess.Popen[str]] = []

    def started(kiosk: Kiosk, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            kiosk.command(*arguments),
            cwd=kiosk.folder,
            env={**kiosk.environment, "TMPDIR": str(temporary)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        processes.append(process)
        return process

    yield started
    for process in processes:
        if process.poll() is None:
            process.kill()
            process.communicate()


def wait_until(is_true: Callable[[], bool], *, what: str, process: subprocess.Popen[str] | None = None) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not is_true():
        assert process is None or process.poll() is None, f"{what}: the command ended first: {process.communicate()}"
        assert time.monotonic() < deadline, f"still waiting: {what}"
        time.sleep(0.02)


def servers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Return the first processes of the database servers that a command started; those of initdb have no socket."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        try:
            if child.name() == "postgres" and "-k" in child.cmdline():
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


def helpers_of(server: psutil.Process) -> list[psutil.Process]:
    """Return the server's own processes that serve no connection, such as the checkpointer."""
    found = []
    for child in server.children():
        with suppress(psutil.NoSuchProcess):  # ended since, or a zombie
            title = " ".join(child.cmdline())
            if any(name in title for name in ("checkpointer", "background writer", "walwriter", "logical replication")):
                found.append(child)
    return found


def test_a_killed_owners_folder_is_swept_by_the_next(tmp_path: Path) -> None:
    """A folder whose lock nobody holds goes; one in use, and one of another name, stay."""
    (tmp_path / f"{prefix_of('audit')}killed").mkdir()
    (tmp_path / "regression-lab-of-mine").mkdir()
    with own_folder("compare", place=tmp_path) as (used, _), own_folder("audit", place=tmp_path) as (other, _):
        names = {path.name for path in tmp_path.iterdir()}
        assert names == {used.name, other.name, "regression-lab-of-mine"}
    assert [path.name for path in tmp_path.iterdir()] == ["regression-lab-of-mine"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_an_impatient_second_signal_leaves_nothing(
    kiosk: Kiosk, start: Started, temporary: Path, number: signal.Signals
) -> None:
    """A second and a third signal during the clean-up change nothing: no server, no folder, and no verdict."""
    process = start(kiosk, "audit")
    wait_until(lambda: bool(servers_of(process)), what="the server", process=process)
    (server,) = servers_of(process)
    process.send_signal(number)
    for _ in range(20):
        time.sleep(0.05)
        if process.poll() is None:
            process.send_signal(number)
    output, _ = process.communicate()
    assert process.returncode not in (0, 1), output
    wait_until(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE, what="the server's end")
    assert left_behind(temporary) == []


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["a helper", "the server"])
def test_a_killed_database_process_is_neither_a_pass_nor_a_bad_change(
    kiosk: Kiosk, start: Started, temporary: Path, victim: str
) -> None:
    """The audit ends with exit 2, whichever process of its server was killed, and says so."""
    process = start(kiosk, "audit")
    wait_until(lambda: bool(servers_of(process)), what="the server", process=process)
    (server,) = servers_of(process)
    wait_until(lambda: bool(helpers_of(server)), what="the server's helpers", process=process)
    os.kill(helpers_of(server)[0].pid if victim == "a helper" else server.pid, signal.SIGKILL)
    output, _ = process.communicate()
    assert process.returncode == 2, output
    assert "ended while it was used" in output or "PostgreSQL" in output, output
    assert left_behind(temporary) == []


@pytest.mark.slow
def test_a_killed_command_leaves_no_process_and_the_next_sweeps_its_folders(
    kiosk: Kiosk, start: Started, temporary: Path
) -> None:
    """After SIGKILL the server ends by itself, and whatever command comes next removes what lay about."""
    process = start(kiosk, "audit")
    wait_until(lambda: bool(servers_of(process)), what="the server", process=process)
    (server,) = servers_of(process)
    process.kill()
    process.communicate()
    wait_until(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE, what="the server's end")
    with own_folder("draft", place=temporary):
        pass
    wait_until(lambda: left_behind(temporary) == [] or _swept(temporary), what="the sweep")


def _swept(temporary: Path) -> bool:
    with own_folder("draft", place=temporary):
        pass
    return left_behind(temporary) == []
