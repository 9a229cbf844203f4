"""Child process that takes the inputs, so that one which ends the process ends no more than that."""

import json
import os
import select
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connections

from reglab.termination import ENDS_WITH_PARENT, end_with_parent

# Far beyond what any input may use of the processor: then even the signal was not heard.
_SILENCE_SECONDS_MAX: Final = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the child said about input `index`; `signal` is the number of the signal that ended it, if one did."""

    index: int
    said: dict[str, Any] | None = None
    signal: int = 0


def answers(count: int, work: Callable[[int], dict[str, Any]]) -> Iterator[Answer]:
    """Have children do `work` for 0 … count - 1, one after another; after a death a new one goes on behind it."""
    at = 0
    while at < count:
        for answer in _of_child(range(at, count), work):
            at = answer.index + 1
            yield answer


def _of_child(indexes: Sequence[int], work: Callable[[int], dict[str, Any]]) -> Iterator[Answer]:
    # A connection that two processes hold belongs to neither.
    connections.close_all()
    reading, writing = os.pipe()
    os.environ[ENDS_WITH_PARENT] = str(os.getpid())
    child = os.fork()
    if child == 0:
        end_with_parent(signal.SIGKILL)
        os.close(reading)
        _be_child(indexes, work, writing)
    del os.environ[ENDS_WITH_PARENT]
    os.close(writing)
    at = indexes[0]
    ended_by = 0
    try:
        with os.fdopen(reading, "rb") as stream:
            for line in _lines(stream, child):
                yield Answer(index=at, said=json.loads(line))
                at += 1
    finally:
        ended_by = _end_of(child)
    if at <= indexes[-1]:
        yield Answer(index=at, signal=ended_by)


def _be_child(indexes: Sequence[int], work: Callable[[int], dict[str, Any]], writing: int) -> None:
    """Work until the end, and leave without any of the parent's ends."""
    code = 1
    try:
        # The parent alone answers the keyboard, and a crash of the child writes no core.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for index in indexes:
            os.write(writing, json.dumps(work(index)).encode() + b"\n")
        code = 0
    except BaseException as error:  # noqa: BLE001  # a process of its own: nothing above could tell it
        sys.stderr.write(f"limits: the child ends with {type(error).__name__}: {error}\n")
        sys.stderr.flush()
    finally:
        os._exit(code)


def _lines(stream: Any, child: int) -> Iterator[bytes]:
    while True:
        ready, _, _ = select.select([stream], [], [], _SILENCE_SECONDS_MAX)
        if not ready:
            os.kill(child, signal.SIGKILL)
            return
        line = stream.readline()
        if not line:
            return
        yield line


def _end_of(child: int) -> int:
    """Wait for the child, and return the signal that ended it, or the negative code that it left with."""
    _, status = os.waitpid(child, 0)
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else -os.WEXITSTATUS(status)
