"""Forms of the page: what a person does with them, and what is told."""

import re
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from service.orders.models import Customer, Order, OrderItem
from tests.service.browser.actions import Open, cancel, result, seed, show_summary

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


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
    assert not [url for url in requests if "/api/" in url]


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
