"""Threads, processes, connections, mails and sleeps are counted at their line; what a request computes is not."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep

import pytest
from django.core import mail as mails
from django.core.mail import send_mail, send_mass_mail

from reglab.counters.outside_calls import OutsideCalls
from reglab.project.source_lines import ProjectFrames
from reglab.report.records import Measurement
from tests.counters.support import ROOT


def counted(do: Callable[[], object], *, base: Path = ROOT) -> tuple[Measurement, ...]:
    """Return what doing something counts."""
    counter = OutsideCalls(frames=ProjectFrames(base=base))
    with counter:
        do()
    return counter.counts()


@pytest.fixture
def address() -> Iterator[tuple[str, int]]:
    """A port of this machine that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


def in_a_pool() -> None:
    """Do nothing, in a thread of its own."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(int).result()


def in_a_thread() -> None:
    """Do nothing, in a thread of its own."""
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


def in_a_process() -> None:
    """Do nothing, in a process of its own."""
    subprocess.run([sys.executable, "-S", "-c", ""], check=True)


@pytest.mark.parametrize(
    ("do", "part", "text"),
    [
        (lambda: time.sleep(0.001), "sleep", "time.sleep(0.001)"),
        (lambda: sleep(0.001), "sleep", "time.sleep(0.001)"),
        (in_a_thread, "thread", "starts a thread"),
        (in_a_pool, "thread", "starts a thread"),
        (in_a_process, "process", f"runs {sys.executable}"),
    ],
)
def test_each_kind_is_counted_at_its_line(do: Callable[[], object], part: str, text: str) -> None:
    """Once, with what was asked for, whichever module of the standard library it goes through."""
    (measurement,) = counted(do)
    assert (measurement.part, measurement.value) == (part, 1)
    (evidence,) = measurement.evidence
    assert evidence.text == text
    assert evidence.source.startswith("tests/counters/test_outside_calls.py:")


def test_a_connection_is_counted_by_its_host(address: tuple[str, int]) -> None:
    """Its port may be another in each run."""
    (measurement,) = counted(lambda: socket.create_connection(address).close())
    assert (measurement.part, measurement.value) == ("connection", 1)
    assert measurement.evidence[0].text == "connects to 127.0.0.1"


def test_what_no_line_of_the_project_asked_for_is_left_out(tmp_path: Path) -> None:
    """A library's own thread, or the harness's, is no work of the request's."""
    assert counted(in_a_thread, base=tmp_path) == ()


def test_nothing_is_counted_before_and_after() -> None:
    """The interpreter keeps its audit hook; nobody listens to it any more."""
    in_a_thread()
    assert counted(lambda: sum(range(100))) == ()
    in_a_thread()


def test_each_mail_is_counted_with_its_subject() -> None:
    """Also where one connection takes several; the mails are sent all the same."""
    mail = ("Welcome", "Ann", "shop@mails.example", ["ann@mails.example"])
    (sent,) = counted(lambda: (send_mail(*mail), send_mass_mail([mail, mail])))
    assert (sent.part, sent.values) == ("mail", (3,))
    assert {one.text for one in sent.evidence} == {"sends the mail 'Welcome'"}
    assert "test_outside_calls.py" in sent.evidence[0].source
    assert len(mails.outbox) == 3
