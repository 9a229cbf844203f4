"""Bodies that an honest client would not send: in chunks, with a field twice, or with nothing that shows."""

import io
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from rest_framework.test import APIClient

from service.orders.models import Customer, Order
from service.orders.requests.text import VISIBLE

pytestmark = pytest.mark.django_db
MakeOrder = Callable[..., Order]


def in_chunks(api: APIClient, path: str, body: bytes, *, ends: bool = True) -> Any:
    """PATCH with a body without a length, as a server hands it on: `ends` is whether its stream ends with the body."""
    environ: dict[str, Any] = {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": ends, "CONTENT_LENGTH": ""}
    return api.generic("PATCH", path, "x", "application/json", HTTP_TRANSFER_ENCODING="chunked", **environ)


def test_a_body_in_chunks_is_read(api: APIClient, make_order: MakeOrder) -> None:
    """A PATCH whose body has no length does what it says, and is not taken for an empty one."""
    order = make_order(status="draft")
    response = in_chunks(api, f"/api/orders/{order.pk}/", b'{"status": "shipped"}')
    assert (response.status_code, response.json()["status"]) == (200, "shipped")
    order.refresh_from_db()
    assert order.status == "shipped"


def test_a_body_in_chunks_has_the_same_limit(api: APIClient, make_order: MakeOrder, settings: Any) -> None:
    """Beyond the limit it is a 413 in JSON, and nothing is done."""
    order = make_order(status="draft")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = in_chunks(api, f"/api/orders/{order.pk}/", b'{"status": "shipped"}'.ljust(101))
    assert (response.status_code, list(response.json())) == (413, ["detail"])
    assert in_chunks(api, f"/api/orders/{order.pk}/", b'{"status": "shipped"}'.ljust(100)).status_code == 200


def test_chunks_that_the_server_does_not_read_are_refused(api: APIClient, make_order: MakeOrder) -> None:
    """Where the server does not undo the encoding, the body's end is unknown: 411, and never an empty body."""
    order = make_order(status="draft")
    response = in_chunks(api, f"/api/orders/{order.pk}/", b'{"status": "shipped"}', ends=False)
    assert (response.status_code, list(response.json())) == (411, ["detail"])


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ('{"name": "A", "name": "B", "email": "a@rows.example"}', ["name"]),
        ('{"email": "a@rows.example", "name": "A", "email": "a@rows.example", "name": "A"}', ["email", "name"]),
    ],
)
def test_a_field_that_is_given_twice_is_refused(api: APIClient, body: str, names: list[str]) -> None:
    """A repeated key of a JSON object is a 400 that names it: taking the last one would hide a mistake."""
    response = api.generic("POST", "/api/customers/", body, "application/json")
    assert (response.status_code, list(response.json())) == (400, names)
    assert not Customer.objects.exists()


def test_a_line_with_a_field_twice_is_refused(api: APIClient, make_order: MakeOrder) -> None:
    """An object inside another is looked at too."""
    customer = make_order().customer_id
    body = f'{{"customer": {customer}, "items": [{{"sku": "A", "quantity": 1, "quantity": 2, "unit_price_cents": 1}}]}}'
    response = api.generic("POST", "/api/orders/", body, "application/json")
    assert (response.status_code, list(response.json())) == (400, ["quantity"])


INVISIBLE = ["\u200b", "\u00a0\u2003", "\u3164", "\u2800", "\u00ad\u2060", "\ufe0f", "\U000e0041", "\u202e", "\ue000"]


@pytest.mark.parametrize("name", INVISIBLE, ids=ascii)
def test_a_name_of_which_nothing_shows_is_refused(api: APIClient, name: str) -> None:
    """Blanks, formats, fillers and private characters are no name; with one letter they are."""
    body = {"name": name, "email": "a@rows.example"}
    response = api.post("/api/customers/", body)
    assert (response.status_code, list(response.json())) == (400, ["name"])
    assert api.post("/api/customers/", {**body, "name": f"{name}é"}).status_code == 201


@pytest.mark.parametrize("control", ["\x85", "\u2028", "\u2029", "\x00", "\x9f"], ids=ascii)
def test_a_control_character_is_refused_anywhere(api: APIClient, control: str) -> None:
    """Controls and line ends of Unicode, too, are in no name."""
    assert api.post("/api/customers/", {"name": f"A{control}B", "email": "a@rows.example"}).status_code == 400


def test_the_pattern_follows_unicodes_categories() -> None:
    """No character of a category that shows nothing passes alone; every letter, digit and punctuation mark does."""
    import re

    pattern = re.compile(VISIBLE)
    hidden = {"Cc", "Cf", "Co", "Zs", "Zl", "Zp"}
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    shown = [char for char in characters if unicodedata.category(char) in hidden and pattern.match(char)]
    assert shown == []
    fillers = {"\u115f", "\u1160", "\u3164", "\uffa0"}
    visible = [char for char in characters if unicodedata.category(char)[0] in "LNP" and char not in fillers]
    assert [char for char in visible if not pattern.match(char)] == []


def test_an_address_is_unique_in_any_case(api: APIClient, make_customer: Callable[..., Customer]) -> None:
    """Capitals make no other address: the API says 409, and the database itself refuses."""
    make_customer(email="Ann@rows.example")
    response = api.post("/api/customers/", {"name": "Ann", "email": "aNN@ROWS.example"})
    assert (response.status_code, list(response.json())) == (409, ["email"])
    with pytest.raises(IntegrityError), transaction.atomic():
        Customer.objects.bulk_create([Customer(name="Ann", email="ANN@rows.example")])


@pytest.mark.django_db(transaction=True)
def test_the_migration_names_the_addresses_that_are_in_its_way() -> None:
    """Twins in capitals stop the migration before it changes anything; with an address each, it goes on."""
    try:
        call_command("migrate", "orders", "0002", verbosity=0)
        with connection.cursor() as cursor:
            for email in ("Twin@rows.example", "twin@rows.example", "other@rows.example"):
                cursor.execute(
                    "INSERT INTO orders_customer (name, email, is_active, created_at)"
                    " VALUES ('T', %s, TRUE, '2026-01-01 00:00:00+00')",
                    [email],
                )
        with pytest.raises(CommandError, match=r"Twin@rows\.example \(id \d+\), twin@rows\.example \(id \d+\)") as stop:
            call_command("migrate", "orders", verbosity=0)
        assert "other@rows.example" not in str(stop.value)
        Customer.objects.filter(email="Twin@rows.example").update(email="first@rows.example")
    finally:
        call_command("migrate", verbosity=0)
    assert Customer.objects.count() == 3
