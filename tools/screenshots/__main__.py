"""Takes the pictures of the docs: `python -m tools.screenshots` writes docs/images anew."""

import shutil
import sys
import tempfile
from contextlib import chdir
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from reglab.report.renderings.html import page
from tests.report.examples import healthy
from tests.report.planted_verdicts import planted_verdict
from tools.screenshots.camera import picture_of

FOLDER: Final = Path(__file__).parents[2] / "docs" / "images"
WIDE: Final[ViewportSize] = {"width": 1280, "height": 800}
NARROW: Final[ViewportSize] = {"width": 390, "height": 844}
COULD_NOT_RUN: Final = 2


def main() -> int:
    """Open the page of a planted N+1 and of a pass in headless Chromium, and keep what a person sees first."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("there is no chromium on PATH: install it (Debian: apt-get install chromium)", file=sys.stderr)
        return COULD_NOT_RUN
    with tempfile.TemporaryDirectory() as scratch, chdir(scratch), sync_playwright() as playwright:
        failed, passed = page.render(planted_verdict("lost-select-related")), page.render(healthy())
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        _take(browser, failed, "report-fail.png", size=WIDE)
        _take(browser, failed, "report-fail-phone.png", size=NARROW, is_dark=True)
        _take(browser, passed, "report-pass.png", size=WIDE)
        browser.close()
    return 0


def _take(browser: Browser, html: str, name: str, *, size: ViewportSize, is_dark: bool = False) -> None:
    shown = browser.new_page(viewport=size, color_scheme="dark" if is_dark else "light")
    shown.set_content(html)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / name).write_bytes(picture_of(shown))
    shown.close()
    print(FOLDER / name)


sys.exit(main())
