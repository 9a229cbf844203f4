"""Headless Chromium for the browser tests, and axe, which holds a page to the rules of accessibility."""

import os
import shutil
from collections.abc import Iterator
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM: Final = shutil.which("chromium")
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NEEDS_CHROMIUM: Final = pytest.mark.skipif(
    not CHROMIUM and not os.environ.get("REQUIRE_BROWSER"), reason="there is no chromium here"
)


def launched() -> Iterator[Browser]:
    """Give a browser, and close it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


def complaints_of_axe(page: Page) -> list[str]:
    """Return what axe finds on the page as it stands, by all its rules, with the first elements of each finding."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {', '.join(node['html'][:120] for node in each['nodes'][:3])}" for each in found
    ]
