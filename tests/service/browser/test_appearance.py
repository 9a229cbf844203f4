"""Look of the page at two widths, in light and dark, and its use from the keyboard and by a screen reader."""

from typing import Any

import pytest
from playwright.sync_api import ViewportSize, expect

from service.orders.models import Order
from tests.chromium import complaints_of_axe
from tests.service.browser.actions import NARROW, WIDE, Open, cancel, result, seed, show_summary

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1280 px", "390 px"])
def test_it_fits_the_screen(open_page: Open, viewport: ViewportSize, scheme: str) -> None:
    """With a full summary nothing is wider than the screen, every control is large enough for a finger."""
    page = open_page(viewport, color_scheme=scheme)
    seed(page, customers="12")
    result(page, "seed").to_contain_text("Made 12 customers")
    cancel(page, "999999")
    show_summary(page)
    expect(page.locator("#rows tr").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    controls = page.locator("button:visible, input:visible").all()
    assert min(control.bounding_box()["height"] for control in controls) >= 44  # type: ignore[index]
    inside = page.locator(".table").evaluate("table => table.scrollWidth <= table.clientWidth + 1")
    assert inside


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(open_page: Open, scheme: str) -> None:
    """Every text has a contrast of at least 4.5 to 1 to what is behind it (WCAG 2.1, 1.4.3)."""
    page = open_page(color_scheme=scheme)
    cancel(page, "999999")
    expect(page.locator("#order-error")).not_to_be_empty()
    ratios = page.evaluate(CONTRASTS)
    assert len(ratios) > 15
    assert {text: ratio for text, ratio in ratios.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1280 px", "390 px"])
def test_axe_finds_nothing(open_page: Open, paid_order: Order, viewport: ViewportSize, scheme: str) -> None:
    """With a question, an error and a full table on the screen, axe has nothing to say."""
    page = open_page(viewport, color_scheme=scheme)
    show_summary(page)
    expect(page.locator("#rows tr").first).to_be_visible()
    cancel(page, "999999")
    page.get_by_role("button", name="Make them").click()
    expect(page.locator("#seed-ask")).to_be_visible()
    assert complaints_of_axe(page) == []


def test_axe_finds_nothing_where_a_token_is_needed(open_page: Open, settings: Any) -> None:
    """The page of an environment that asks for a token tells how to get one, and passes as well."""
    from service.environment import Environment

    settings.ENVIRONMENT = Environment(name="staging", dev_endpoints=True, profiler=False)
    page = open_page()
    expect(page.locator("#token-hint")).to_contain_text("manage.py create_token")
    assert complaints_of_axe(page) == []


CONTRASTS = """() => {
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = numbers(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
  };
  const ratios = {};
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility() || element.closest(".skip, noscript, script")) continue;
    const [light, dark] = [numbers(getComputedStyle(element).color), behind(element)].map(luminance)
      .sort((one, other) => other - one);
    ratios[element.textContent.trim().slice(0, 40)] = (light + 0.05) / (dark + 0.05);
  }
  return ratios;
}"""


def test_it_works_from_the_keyboard(open_page: Open, paid_order: Order) -> None:
    """Tab reaches every control in reading order, and Enter in a field submits its form."""
    page = open_page()
    reached = []
    for _ in range(14):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
    assert reached[:4] == ["Skip to the content", "API docs", "Admin (log in)", "Health"]
    assert reached[4:] == [
        *("customers", "orders_per_customer", "items_per_order", "Make them …"),
        *("order", "Cancel the order", "latest", "limit", "Show the summary"),
        reached[-1],
    ]
    page.locator("#order").fill(str(paid_order.pk))
    page.locator("#order").press("Enter")
    result(page, "cancel").to_contain_text("is cancelled")


def test_what_changes_is_announced(open_page: Open) -> None:
    """Results are in a live region that is polite, errors in one that is not, from the start."""
    page = open_page()
    for form in ("seed", "cancel", "summary"):
        assert page.locator(f"#{form} [role=status]").count() == 1
        assert page.locator(f"#{form} [role=alert]").count() == 1
    labelled = page.locator("section").evaluate_all("all => all.map(one => one.getAttribute('aria-labelledby'))")
    assert all(page.locator(f"#{name}").count() == 1 for name in labelled)
