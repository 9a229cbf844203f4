"""A request has a limit of seconds and of bytes, and streams of both kinds are read to their end."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import pytest
from django.http import StreamingHttpResponse

from reglab.project.requests.limits import LimitError, read_stream, time_limit


def test_a_block_that_does_not_end_is_interrupted() -> None:
    """Also where the code inside swallows every Exception."""

    def careless() -> None:
        while True:
            with suppress(Exception):
                time.sleep(0.01)

    with pytest.raises(LimitError), time_limit("GET /sleeps/", seconds=0.05):
        careless()


def test_a_block_that_ends_is_left_alone() -> None:
    """No alarm is left behind."""
    with time_limit("GET /fast/", seconds=0.05):
        pass
    time.sleep(0.1)


def test_an_asynchronous_stream_is_read() -> None:
    """Part by part, then left on the response for the counters."""

    async def parts() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"

    response = StreamingHttpResponse(parts())
    read_stream(response)
    assert response.getvalue() == b"ab"


def test_no_loop_runs_on_behind_an_asynchronous_stream_without_end() -> None:
    """Its thread does not hear that this one has gone on: Python would wait for it at its end, for ever."""

    async def parts() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.01)
            yield b"a"

    with pytest.raises(LimitError), time_limit("GET /events/", seconds=0.2):
        read_stream(StreamingHttpResponse(parts()))
    # By the type alone: a weak reference that has outlived its object answers `isinstance` with an error.
    loops = [one for one in gc.get_objects() if issubclass(type(one), asyncio.BaseEventLoop)]
    assert not any(loop.is_running() for loop in loops)


def test_a_stream_without_end_is_cut_at_its_bytes() -> None:
    """Megabytes, not memory, decide."""

    def parts() -> Iterator[bytes]:
        while True:
            yield b"x" * 1000

    with pytest.raises(LimitError):
        read_stream(StreamingHttpResponse(parts()), bytes_max=10_000)
