"""Limits of one request: seconds and bytes, so that an answer that never ends costs half a minute and one finding."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse

SECONDS_MAX: Final = 30.0
BYTES_MAX: Final = 50_000_000
# A request that was too long once is known to be: nobody waits for it in full again.
_SECONDS_AGAIN: Final = 2.0
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

    def stop(_number: int, _frame: FrameType | None) -> None:
        _endless.add(name)
        raise LimitError(f"no end after {seconds:g} s")

    previous = signal.signal(signal.SIGALRM, stop)
    # Again and again: what swallows the first is asked again.
    signal.setitimer(signal.ITIMER_REAL, limit, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def read_stream(response: StreamingHttpResponse, *, bytes_max: int = BYTES_MAX) -> None:
    """Read a streamed body, asynchronous or not, and leave it on the response as one part. Raises LimitError."""
    parts = async_to_sync(_read_async)(response, bytes_max) if response.is_async else _read(response, bytes_max)
    response.streaming_content = [b"".join(parts)]


def _read(response: StreamingHttpResponse, bytes_max: int) -> list[bytes]:
    parts: list[bytes] = []
    total = 0
    for part in response.streaming_content:
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
