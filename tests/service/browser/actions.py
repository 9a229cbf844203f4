"""Actions of a person at the page, and the windows that it is looked at in."""

from collections.abc import Callable
from typing import Any, Final

from playwright.sync_api import Page, ViewportSize, expect

WIDE: Final[ViewportSize] = {"width": 1280, "height": 900}
NARROW: Final[ViewportSize] = {"width": 390, "height": 844}
PATIENCE_MS: Final = 30_000
Open = Callable[..., Page]


def seed(page: Page, **sizes: str) -> None:
    """Fill in the sizes, ask for the rows, and say yes where the page asks."""
    for name, value in sizes.items():
        page.locator(f"#{name}").fill(value)
    page.get_by_role("button", name="Make them").click()
    yes = page.get_by_role("button", name="Yes, add them")
    if all(page.locator(f"#{name}").evaluate("input => input.validity.valid") for name in sizes):
        yes.click()


def cancel(page: Page, order_id: str) -> None:
    page.get_by_label("Order id").fill(order_id)
    page.get_by_role("button", name="Cancel the order").click()


def show_summary(page: Page, limit: str = "50") -> None:
    page.get_by_label("Rows at most").fill(limit)
    page.get_by_role("button", name="Show the summary").click()


def result(page: Page, form: str) -> Any:
    return expect(page.locator(f"#{form} [data-result]"))
