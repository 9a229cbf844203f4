"""An execution leaves nothing behind, neither in the database nor in the process."""

import http.cookies
from collections.abc import Iterator
from contextvars import ContextVar

import pytest
from django.core.cache import cache
from django.core.signals import request_started

from reglab.counters.engine.execution import Executor
from reglab.project.data.bloat_cleanup import Traces
from reglab.project.requests.test_client import Request

SET_BY_REQUESTS: ContextVar[int] = ContextVar("set_by_requests", default=0)


@pytest.fixture
def setting() -> Iterator[None]:
    """Let each request set a variable of its context, as asynchronous code does."""

    def note(**_: object) -> None:
        SET_BY_REQUESTS.set(SET_BY_REQUESTS.get() + 1)

    request_started.connect(note)
    yield
    request_started.disconnect(note)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("setting")
def test_what_a_request_sets_in_its_context_goes_with_it() -> None:
    """A server gives each request a context; in the process's own it would stay, and be called a leak."""
    request = Request(method="GET", path="/healthz/live", body=b"", content_type="", headers={}, expected_status=200)
    seen: list[int] = []

    def see(**_: object) -> None:
        seen.append(SET_BY_REQUESTS.get())

    request_started.connect(see)
    try:
        executor = Executor(cookies=http.cookies.SimpleCookie(), traces=Traces(restore=lambda: None))
        for _ in range(2):
            executor.execute((request,))
    finally:
        request_started.disconnect(see)
    assert seen == [1, 1]
    assert SET_BY_REQUESTS.get() == 0


@pytest.mark.django_db(transaction=True)
def test_a_request_begins_with_an_empty_context() -> None:
    """Asynchronous code copies each variable of it at each step: what a draft left in the process would be counted."""
    request = Request(method="GET", path="/healthz/live", body=b"", content_type="", headers={}, expected_status=200)
    seen: list[int] = []

    def see(**_: object) -> None:
        seen.append(SET_BY_REQUESTS.get())

    token = SET_BY_REQUESTS.set(7)
    request_started.connect(see)
    try:
        Executor(cookies=http.cookies.SimpleCookie(), traces=Traces(restore=lambda: None)).execute((request,))
    finally:
        request_started.disconnect(see)
        SET_BY_REQUESTS.reset(token)
    assert seen == [0]


@pytest.mark.django_db(transaction=True)
def test_what_a_request_caches_is_forgotten_before_the_next() -> None:
    """Or the first execution would be unlike the second."""
    request = Request(method="GET", path="/healthz/live", body=b"", content_type="", headers={}, expected_status=200)
    found: list[object] = []

    def keep(**_: object) -> None:
        found.append(cache.get("of_a_request"))
        cache.set("of_a_request", 1)

    request_started.connect(keep)
    try:
        executor = Executor(cookies=http.cookies.SimpleCookie(), traces=Traces(restore=lambda: None))
        for _ in range(3):
            executor.execute((request,))
    finally:
        request_started.disconnect(keep)
    assert found == [None, None, None]
