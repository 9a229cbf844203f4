"""The page at / in headless Chromium, opened by a function; orders to show on it."""

import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from service.orders.models import Customer, Order
from tests.chromium import CHROMIUM, launched
from tests.service.browser.actions import PATIENCE_MS, WIDE, Open


@pytest.fixture(scope="module", autouse=True)
def untraced_threads() -> Iterator[None]:
    """Threads of the live server that run without the trace of coverage.

    CPython 3.11 lets one thread alone install a tracer at a time: two that begin at once end one of them, and with it
    a request of the page. Tests that need no browser reach the same code.
    """
    tracer = threading.gettrace()
    threading.settrace(None)
    yield
    if tracer is not None:
        threading.settrace(tracer)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium; without one the tests are left out, unless REQUIRE_BROWSER=1 makes that a failure."""
    if CHROMIUM is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("REQUIRE_BROWSER=1, and there is no `chromium` on PATH: install it.")
        pytest.skip("there is no `chromium` on PATH")
    with pytest.MonkeyPatch.context() as environment:
        # Playwright's synchronous interface keeps an event loop in this thread, where Django would refuse to query.
        expect.set_options(timeout=PATIENCE_MS)
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield from launched()


@pytest.fixture
def open_page(chromium: Browser, live_server: LiveServer, request: pytest.FixtureRequest) -> Iterator[Open]:
    """A function that opens the page; after the test, anything that the console complained about is a failure."""
    complaints: list[str] = []
    contexts = []

    def note(kind: str, text: str) -> None:
        # A refused request is what some tests are about; the browser logs it by itself.
        if not (kind == "error" and text.startswith("Failed to load resource: the server responded")):
            complaints.append(f"{kind}: {text}")

    def opened(viewport: ViewportSize = WIDE, **options: Any) -> Page:
        context = chromium.new_context(viewport=viewport, **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: note(message.type, message.text))
        page.on("pageerror", lambda error: note("exception", str(error)))
        page.goto(live_server.url)
        return page

    yield opened
    keep = os.environ.get("SCREENSHOTS")
    for number, context in enumerate(contexts):
        if keep:
            name = re.sub(r"\W+", "-", request.node.name)
            context.pages[0].screenshot(path=Path(keep) / f"{name}-{number}.png", full_page=True)
        context.close()
    assert complaints == []


@pytest.fixture
def paid_order(make_order: Callable[..., Order], make_customer: Callable[..., Customer]) -> Order:
    """A paid order of 12.50 among others."""
    make_order()
    make_order(status="paid", lines=[(1, 500)])
    return make_order(status="paid", lines=[(5, 250)], customer=make_customer(email="ann@rows.example"))
