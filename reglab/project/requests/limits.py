"""Limits of one request: seconds and bytes, so that an answer that never ends costs half a minute and one finding."""

import asyncio
import gc
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final, cast

from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse

SECONDS_MAX: Final = 30.0
BYTES_MAX: Final = 50_000_000
# A request that was too long once is known to be: nobody waits for it in full again.
_SECONDS_AGAIN: Final = 2.0
_SECONDS_TO_CANCEL: Final = 2.0
# However busy the machine is, a request gets no more than this many times its limit.
_PATIENCE: Final = 10
_SCHEDULE: Final = Path("/proc/thread-self/schedstat")
_endless: Final[set[str]] = set()


class LimitError(KeyboardInterrupt):
    """A request went beyond its limit.

    Derived from KeyboardInterrupt: the subject's `except Exception` must not swallow it, and the driver then cancels
    the statement that runs, so that the connection stays usable.
    """


@contextmanager
def time_limit(name: str, *, seconds: float = SECONDS_MAX) -> Iterator[None]:
    """Raise LimitError inside the block after `seconds`; `name` says what was too long. In the main thread alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    limit = min(seconds, _SECONDS_AGAIN) if name in _endless else seconds
    begun, waited = time.monotonic(), _seconds_waited()

    def stop(_number: int, _frame: FrameType | None) -> None:
        past = time.monotonic() - begun
        if past - (_seconds_waited() - waited) < limit and past < limit * _PATIENCE:
            return
        _endless.add(name)
        raise LimitError(f"no end after {seconds:g} s")

    previous = signal.signal(signal.SIGALRM, stop)
    # Again and again: the machine may have been busy with others, and what swallows the first is asked again.
    signal.setitimer(signal.ITIMER_REAL, limit, min(1.0, limit))
    try:
        yield
    except LimitError:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _end_loops()
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _end_loops() -> None:
    """Cancel what runs in event loops of other threads, and wait for their end.

    An asynchronous view runs in a thread of its own, which goes on when this one is interrupted, and Python waits for
    it at its end.
    """
    # By the type alone: `isinstance` asks a lazy object for its class, which makes it.
    loops = [one for one in gc.get_objects() if issubclass(type(one), asyncio.BaseEventLoop) and one.is_running()]
    for loop in loops:
        loop.call_soon_threadsafe(_cancel_all, loop)
    until = time.monotonic() + _SECONDS_TO_CANCEL
    while any(loop.is_running() for loop in loops) and time.monotonic() < until:
        time.sleep(0.005)


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    for task in asyncio.all_tasks(loop):
        task.cancel()


def _seconds_waited() -> float:
    """Return how long this thread was ready to run, and the machine ran others: no time of the request's."""
    try:
        return int(_SCHEDULE.read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


def read_stream(response: StreamingHttpResponse, *, bytes_max: int = BYTES_MAX) -> None:
    """Read a streamed body, asynchronous or not, and leave it on the response as one part. Raises LimitError."""
    parts = async_to_sync(_read_async)(response, bytes_max) if response.is_async else _read(response, bytes_max)
    response.streaming_content = [b"".join(parts)]
    response.reglab_parts = sum(1 for part in parts if part)  # type: ignore[attr-defined]  # for whoever asks how it came


def _read(response: StreamingHttpResponse, bytes_max: int) -> list[bytes]:
    parts: list[bytes] = []
    total = 0
    for part in cast("Iterator[bytes]", response.streaming_content):
        total = _added(parts, response.make_bytes(part), total, bytes_max)
    return parts


async def _read_async(response: StreamingHttpResponse, bytes_max: int) -> list[bytes]:
    parts: list[bytes] = []
    total = 0
    content: Any = response.streaming_content
    async for part in content:
        total = _added(parts, response.make_bytes(part), total, bytes_max)
    return parts


def _added(parts: list[bytes], part: bytes, total: int, bytes_max: int) -> int:
    parts.append(part)
    total += len(part)
    if total > bytes_max:
        raise LimitError(f"no end after {bytes_max // 1_000_000} MB")
    return total
