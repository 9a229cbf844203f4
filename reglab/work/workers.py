"""Processes that measure shares of the scenarios at once; each sends back what it measured, also when interrupted."""

import io
import multiprocessing
import os
import pickle
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from types import FrameType
from typing import Any, Final

from reglab.errors import AuditError, RegLabError
from reglab.metrics import METRICS, Metric
from reglab.termination import ENDS_WITH_PARENT, Interruptions, Terminated, end_with_parent

_GRACE_SECONDS: Final = 20.0
_ENDING: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True, kw_only=True)
class Sent:
    """What a process sends when it ends: what it measured, or in words why it could not."""

    measured: Any = None
    is_interrupted: bool = False
    complaint: str = ""
    is_crash: bool = False


@dataclass(slots=True, kw_only=True)
class _Worker:
    process: ForkProcess
    receiver: Connection
    sent: Sent | None = field(default=None)


def measured_by(count: int, measure: Callable[[int], tuple[Any, bool]]) -> list[Sent]:
    """Fork `count` processes, call `measure(number)` in each, and return what each sends: its result, and whether
    it was interrupted.

    An interruption of this process is passed on, and what the others measured until then is returned. Raises AuditError
    where one cannot go on.
    """
    parent = os.getpid()
    # An interruption waits until every process is known, so that each can be told, and while something that was sent
    # is read and kept: it is sent once.
    with (
        Interruptions() as interruptions,
        _started(count, lambda number, sender: _work(number, sender, measure, parent=parent)) as workers,
    ):
        try:
            _receive(workers, interruptions)
        except KeyboardInterrupt:
            for worker in workers:
                worker.process.terminate()
            _receive(workers, interruptions, seconds_max=_GRACE_SECONDS)
            return [worker.sent or Sent(is_interrupted=True) for worker in workers]
        return [_checked(worker) for worker in workers]


@contextmanager
def _started(count: int, work: Callable[[int, Connection], None]) -> Iterator[list[_Worker]]:
    # Forked: settings, suite and data are there already, in the order of hashes that this process has.
    context = multiprocessing.get_context("fork")
    workers: list[_Worker] = []
    try:
        for number in range(count):
            receiver, sender = context.Pipe(duplex=False)
            receivers = [*(worker.receiver for worker in workers), receiver]
            process = context.Process(
                target=_of_writers_alone,
                args=(work, number, sender, receivers),
                name=f"worker {number + 1}",
                daemon=True,
            )
            # The process inherits the mask: what it is sent waits until it has handlers of its own.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
            process.start()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            sender.close()
            workers.append(_Worker(process=process, receiver=receiver))
        yield workers
    finally:
        for worker in workers:
            worker.process.join(timeout=0 if worker.sent is None else _GRACE_SECONDS)
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()


def _of_writers_alone(
    work: Callable[[int, Connection], None], number: int, sender: Connection, receivers: Sequence[Connection]
) -> None:
    """Close the ends that are read: while a worker holds one, none learns that the process which reads is gone."""
    for receiver in receivers:
        receiver.close()
    work(number, sender)


def _work(number: int, sender: Connection, measure: Callable[[int], tuple[Any, bool]], *, parent: int) -> None:
    os.environ[ENDS_WITH_PARENT] = str(parent)
    for kind in _ENDING:
        signal.signal(kind, _end_once)
    end_with_parent()
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)  # inherited, for as long as there were no handlers
        measured, is_interrupted = measure(number)
        sent = Sent(measured=measured, is_interrupted=is_interrupted)
    except RegLabError as error:
        sent = Sent(complaint=str(error))
    except KeyboardInterrupt:
        sent = Sent(is_interrupted=True)
    except Exception:  # noqa: BLE001  # told by the process that started this one
        sent = Sent(complaint=traceback.format_exc(), is_crash=True)
    for kind in _ENDING:
        signal.signal(kind, signal.SIG_IGN)
    with suppress(BrokenPipeError):  # nobody is there any more
        sender.send_bytes(packed(sent))
    sender.close()


def _end_once(_number: int, _frame: FrameType | None) -> None:
    """Interrupt the measuring. A second signal, of a terminal or of the parent, changes nothing any more."""
    for kind in _ENDING:
        signal.signal(kind, signal.SIG_IGN)
    raise Terminated


def _receive(workers: Sequence[_Worker], interruptions: Interruptions, *, seconds_max: float | None = None) -> None:
    """Read what each process sends, until all have, or one has ended without a word.

    Raises KeyboardInterrupt between two readings alone, after the last one too.
    """
    waiting = {worker.receiver: worker for worker in workers if worker.sent is None}
    while waiting:
        with interruptions.open():
            ready = wait(list(waiting), timeout=seconds_max)
        if not ready:
            return
        for receiver in ready:
            worker = waiting.pop(receiver)  # type: ignore[call-overload]  # `wait` returns what it was given
            with suppress(EOFError):  # it ended without a word
                worker.sent = unpacked(worker.receiver.recv_bytes())
    with interruptions.open():
        pass


def _checked(worker: _Worker) -> Sent:
    sent = worker.sent
    if sent is None:
        worker.process.join(timeout=_GRACE_SECONDS)
        raise AuditError(
            f"{worker.process.name} ended with {worker.process.exitcode} before it had measured its share; where "
            "memory is short, give fewer --workers"
        )
    if sent.is_crash:
        raise RuntimeError(f"{worker.process.name}: {sent.complaint}")
    if sent.complaint:
        raise AuditError(sent.complaint)
    return sent


class _Packer(pickle.Pickler):
    """Metrics are compared by identity: they travel by name."""

    def persistent_id(self, obj: Any) -> str | None:
        return obj.name if isinstance(obj, Metric) else None


class _Unpacker(pickle.Unpickler):
    def persistent_load(self, pid: str) -> Metric:
        return METRICS[pid]


def packed(sent: Sent) -> bytes:
    """Return what is sent as bytes."""
    stream = io.BytesIO()
    _Packer(stream, protocol=pickle.HIGHEST_PROTOCOL).dump(sent)
    return stream.getvalue()


def unpacked(data: bytes) -> Sent:
    """Read what a process of our own has sent."""
    found: Sent = _Unpacker(io.BytesIO(data)).load()
    return found
