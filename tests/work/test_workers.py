"""Processes that measure side by side send what they measured, and say why they could not."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from reglab.counters.queries import QUERIES
from reglab.errors import AuditError
from reglab.report.records import Measurement
from reglab.termination import Interruptions
from reglab.work import workers
from reglab.work.workers import Sent, measured_by, packed, unpacked


def test_each_process_sends_its_share() -> None:
    """Every number is measured once, in a process of its own."""
    sent = measured_by(3, lambda number: ((number, os.getpid()), False))
    assert [one.measured[0] for one in sent] == [0, 1, 2]
    assert len({one.measured[1] for one in sent} | {os.getpid()}) == 4


def test_a_metric_is_the_same_after_it_has_travelled() -> None:
    """Metrics are compared by identity, also in what another process has measured."""
    found = unpacked(packed(Sent(measured=Measurement(metric=QUERIES, values=(2,))))).measured
    assert found.metric is QUERIES


def test_what_the_user_has_to_mend_is_told_as_in_one_process() -> None:
    """An AuditError of a worker is the audit's own."""

    def measure(number: int) -> tuple[None, bool]:
        if number:
            raise AuditError("suite.toml:3: no row is there")
        return None, False

    with pytest.raises(AuditError, match=r"suite.toml:3: no row is there"):
        measured_by(2, measure)


def test_a_process_that_is_killed_is_told_and_never_taken_for_done() -> None:
    """Where the system ends a worker, the audit could not run."""

    def measure(number: int) -> tuple[None, bool]:
        if number:
            os.kill(os.getpid(), signal.SIGKILL)
        return None, False

    with pytest.raises(AuditError, match="worker 2 ended with -9"):
        measured_by(2, measure)


def is_over(pid: str) -> bool:
    """Whether a process has sent all that it had, and waits for its parent at most."""
    return bool(pid) and (not psutil.pid_exists(int(pid)) or psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE)


def test_an_interruption_keeps_what_every_process_has_measured(tmp_path: Path) -> None:
    """The first worker is done, the second is in the midst of its share when this process is told to end."""

    def measure(number: int) -> tuple[list[str], bool]:
        if number == 0:
            first.write_text(str(os.getpid()), encoding="ascii")
            return ["all"], False
        try:
            while not (first.exists() and is_over(first.read_text(encoding="ascii"))):
                time.sleep(0.01)
            os.kill(os.getppid(), signal.SIGINT)  # the answer may come at once
            time.sleep(60)
        except KeyboardInterrupt:
            return ["half"], True
        return ["all"], False

    first = tmp_path / "first"
    sent = measured_by(2, measure)
    assert [(one.measured, one.is_interrupted) for one in sent] == [(["all"], False), (["half"], True)]


def test_an_interruption_between_reading_and_keeping_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The signal comes while what the first worker sent is in this process's hands, and another thread takes it."""
    unpacked = workers.unpacked
    taken = threading.Event()

    def interrupted(data: bytes) -> workers.Sent:
        signal.pthread_kill(other.ident or 0, signal.SIGINT)
        time.sleep(0.1)  # Python calls the handler here, in the main thread
        return unpacked(data)

    monkeypatch.setattr(workers, "unpacked", interrupted)
    other = threading.Thread(target=taken.wait, daemon=True)
    other.start()
    try:
        sent = measured_by(1, lambda number: ([number], False))
    finally:
        taken.set()
    assert [(one.measured, one.is_interrupted) for one in sent] == [([0], False)]


def test_an_interruption_after_the_last_open_block_is_raised_in_the_end() -> None:
    """It waits until the block is left, and is not forgotten; the handlers are those from before by then."""
    passed = []

    def interrupted() -> None:
        with Interruptions():
            os.kill(os.getpid(), signal.SIGINT)
            passed.append("waited")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert passed == ["waited"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_handlers_are_as_before_when_the_workers_have_ended() -> None:
    """An interruption after the measuring finds the handlers that were there."""
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    measured_by(1, lambda number: ([number], False))
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_workers_end_when_nobody_reads_what_they_send(tmp_path: Path) -> None:
    """More than a pipe holds, sent after the audit was killed: no process stays behind."""

    def measure(number: int) -> tuple[bytes, bool]:
        (tmp_path / str(number)).write_text(str(os.getpid()), encoding="utf-8")
        try:
            time.sleep(600)
        except KeyboardInterrupt:
            return bytes(1_000_000), True
        return b"", False

    audit = multiprocessing.get_context("fork").Process(target=measured_by, args=(2, measure))
    audit.start()
    assert _comes(lambda: len([one for one in tmp_path.iterdir() if one.read_text(encoding="utf-8")]) == 2)
    workers = [int(one.read_text(encoding="utf-8")) for one in tmp_path.iterdir()]
    audit.kill()
    audit.join()
    assert _comes(lambda: not any(_runs(pid) for pid in workers))


def _comes(holds: Callable[[], bool]) -> bool:
    """Wait until something holds, for a minute at most: a net for what hangs."""
    deadline = time.monotonic() + 60
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
