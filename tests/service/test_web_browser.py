"""The page at / in headless Chromium: what a person does with it, at two widths, in light and dark."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from service.orders.models import Customer, Order, OrderItem
from tests.chromium import CHROMIUM, FLAGS, complaints_of_axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE: ViewportSize = {"width": 1280, "height": 900}
NARROW: ViewportSize = {"width": 390, "height": 844}
PATIENCE_MS = 30_000
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A headless Chromium; without one the tests are left out, unless REQUIRE_BROWSER=1 makes that a failure."""
    if CHROMIUM is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail("REQUIRE_BROWSER=1, and there is no `chromium` on PATH: install it.")
        pytest.skip("there is no `chromium` on PATH")
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        # Playwright's synchronous interface keeps an event loop in this thread, where Django would refuse to query.
        expect.set_options(timeout=PATIENCE_MS)
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


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


def test_it_seeds(open_page: Open) -> None:
    """The sizes are sent, the rows are made, and the page says how many and in what time."""
    page = open_page()
    seed(page, customers="7", orders_per_customer="2", items_per_order="1")
    result(page, "seed").to_have_text(re.compile(r"^Made 7 customers, 14 orders and 14 items in [\d.]+ ms\.$"))
    assert (Customer.objects.count(), Order.objects.count(), OrderItem.objects.count()) == (7, 14, 14)


def test_it_asks_before_it_makes_anything(open_page: Open) -> None:
    """The question names every row that would be added; "No" sends nothing, and the keyboard is where it was."""
    page = open_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.get_by_role("button", name="Make them").click()
    expect(page.locator("#seed-question")).to_have_text(
        "Add 100 customers, 500 orders and 1,500 items to this database?"
    )
    expect(page.get_by_role("button", name="Yes, add them")).to_be_focused()
    page.get_by_role("button", name="No", exact=True).click()
    expect(page.locator("#seed-ask")).to_be_hidden()
    expect(page.get_by_role("button", name="Make them")).to_be_focused()
    assert requests == []


def test_it_shows_what_is_wrong_with_a_size(open_page: Open) -> None:
    """The API's message stands at its field, which is marked and has the focus; nothing is made."""
    page = open_page()
    seed(page, customers="501", items_per_order="-1")
    expect(page.locator("#customers-error")).to_have_text("Ensure this value is less than or equal to 500.")
    expect(page.locator("#items_per_order-error")).to_have_text("Ensure this value is greater than or equal to 0.")
    expect(page.locator("#customers")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#customers")).to_be_focused()
    assert not Customer.objects.exists()
    seed(page, customers="1", items_per_order="1")
    result(page, "seed").to_contain_text("Made 1 customer, 5 orders and 5 items")
    expect(page.locator("#customers-error")).to_be_empty()


def test_it_cancels_an_order(open_page: Open, paid_order: Order) -> None:
    """The order of the id is cancelled, the page says so, and the customer is still there."""
    page = open_page()
    cancel(page, str(paid_order.pk))
    result(page, "cancel").to_have_text(re.compile(rf"^Order {paid_order.pk} is cancelled, in [\d.]+ ms\.$"))
    paid_order.refresh_from_db()
    assert paid_order.status == "cancelled"
    assert Customer.objects.filter(pk=paid_order.customer_id).exists()


@pytest.mark.parametrize("key", ["999999", "abc", "-1", "1/../2", str(2**63), "<b>1</b>"])
def test_it_says_that_there_is_no_such_order(open_page: Open, paid_order: Order, key: str) -> None:
    """Whatever is typed, the page says what it did not find, as text."""
    page = open_page()
    cancel(page, key)
    expect(page.locator("#order-error")).to_have_text(f"There is no order {key}. (404)")
    expect(page.get_by_label("Order id")).to_be_focused()


def test_it_asks_for_an_id(open_page: Open) -> None:
    """An empty field is said at once."""
    page = open_page()
    cancel(page, "  ")
    expect(page.locator("#order-error")).to_have_text("Enter the id of an order.")


def test_it_fills_in_the_latest_paid_order(open_page: Open, paid_order: Order) -> None:
    """Nobody needs to know an id to try it."""
    page = open_page()
    page.get_by_role("button", name="Fill in the latest paid one").click()
    expect(page.get_by_label("Order id")).to_have_value(str(paid_order.pk))


def test_it_says_that_there_is_no_paid_order(open_page: Open) -> None:
    """Without a paid order there is nothing to fill in."""
    page = open_page()
    page.get_by_role("button", name="Fill in the latest paid one").click()
    expect(page.locator("#order-error")).to_have_text("There is no paid order.")


def test_it_shows_the_summary_with_its_time(open_page: Open, paid_order: Order) -> None:
    """Customers come with the largest total first, in money, under the time that it took."""
    page = open_page()
    show_summary(page)
    result(page, "summary").to_have_text(re.compile(r"^2 customers, in [\d.]+ ms\.$"))
    first = page.locator("#rows tr").first.locator("td")
    expect(first).to_have_text(["1", f"ann@rows.example no. {paid_order.customer_id}", "1", "12.50"])


def test_it_shows_the_databases_share(open_page: Open, paid_order: Order) -> None:
    """Where the service sends Server-Timing, the page tells the queries and their time."""
    page = open_page()
    # The live server has built its middleware by now, so the header joins the real answer on its way.
    header = {"Server-Timing": 'db;dur=3.21;desc="1 query", total;dur=5.00'}
    page.route("**/api/**", lambda route: route.fulfill(response=route.fetch(), headers=header))
    show_summary(page)
    result(page, "summary").to_have_text(
        re.compile(r"^2 customers, in [\d.]+ ms, of it 3\.2 ms in the database: 1 query\.$")
    )


def test_it_shows_what_is_wrong_with_the_limit(open_page: Open, paid_order: Order) -> None:
    """The API's refusal stands at the field, and the table of an earlier answer goes."""
    page = open_page()
    show_summary(page)
    expect(page.locator(".table")).to_be_visible()
    show_summary(page, "501")
    expect(page.locator("#limit-error")).to_have_text("Ensure this value is less than or equal to 500.")
    expect(page.locator(".table")).to_be_hidden()


def test_it_says_that_the_summary_is_empty(open_page: Open) -> None:
    """Without paid orders the page says so instead of showing an empty table."""
    page = open_page()
    show_summary(page)
    result(page, "summary").to_contain_text("No customer has a paid order")
    expect(page.locator(".table")).to_be_hidden()


def test_a_cancelled_order_leaves_the_summary_on_the_screen(open_page: Open, paid_order: Order) -> None:
    """A summary that is shown follows what is written through the page."""
    page = open_page()
    show_summary(page)
    expect(page.locator("#rows tr")).to_have_count(2)
    cancel(page, str(paid_order.pk))
    expect(page.locator("#rows tr")).to_have_count(1)


def test_it_says_that_the_service_does_not_answer(open_page: Open) -> None:
    """A broken connection is an error on the page, not silence."""
    page = open_page()
    page.route("**/api/**", lambda route: route.fulfill(status=200, body="no JSON"))
    show_summary(page)
    expect(page.locator("#summary [data-error]")).to_have_text("The service gave no answer that could be read.")


def test_it_shows_a_failure_of_the_service(open_page: Open) -> None:
    """A 500 is shown with its status."""
    page = open_page()
    page.route("**/api/**", lambda route: route.fulfill(status=500, json={"detail": "Internal server error."}))
    show_summary(page)
    expect(page.locator("#summary [data-error]")).to_have_text("Internal server error. (500)")


def test_it_sends_a_click_once(open_page: Open) -> None:
    """A second click while the first request runs does nothing."""
    page = open_page()
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.evaluate("() => { for (let n = 0; n < 3; n++) document.querySelector('#seed button').click(); }")
    page.evaluate("() => { for (let n = 0; n < 3; n++) document.querySelector('#seed-go').click(); }")
    result(page, "seed").to_contain_text("Made 100 customers")
    assert sum("/api/dev/seed/" in url for url in requests) == 1


def test_it_sends_the_token(open_page: Open, settings: Any) -> None:
    """Where the API needs a token, the page has a field for it and sends it."""
    from service.environment import Environment

    settings.ENVIRONMENT = Environment(name="staging", dev_endpoints=True, profiler=False)
    page = open_page()
    seen: list[str | None] = []

    def note(route: Route) -> None:
        seen.append(route.request.headers.get("authorization"))
        route.continue_()

    page.route("**/api/**", note)
    page.get_by_label("API token").fill("secret")
    show_summary(page)
    result(page, "summary").to_contain_text("No customer")
    assert seen == ["Token secret"]


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
