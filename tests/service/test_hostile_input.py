"""Every endpoint meets broken, wrong, enormous and malicious input: a 4xx in JSON that names the culprit."""

import json
import re
from collections.abc import Callable
from typing import Any, cast

import pytest
from django.http import HttpResponse
from rest_framework.schemas.generators import EndpointEnumerator
from rest_framework.test import APIClient

from service.orders.models import Customer, Order, OrderItem

pytestmark = pytest.mark.django_db

CUSTOMER = {"name": "Ann", "email": "ann@new.example", "is_active": True}
LINE = {"sku": "A", "quantity": 1, "unit_price_cents": 1}
ORDER = {"customer": "{customer}", "status": "paid"}
ITEM = {"order": "{order}", **LINE}
SEED = {"customers": 1, "orders_per_customer": 1, "items_per_order": 1}
# Method, path and a valid body of every endpoint that reads one.
WRITES = [
    ("POST", "/api/customers/", CUSTOMER),
    ("PUT", "/api/customers/{customer}/", CUSTOMER),
    ("PATCH", "/api/customers/{customer}/", CUSTOMER),
    ("POST", "/api/orders/", {**ORDER, "items": [LINE]}),
    ("PUT", "/api/orders/{order}/", {**ORDER, "is_archived": False}),
    ("PATCH", "/api/orders/{order}/", {**ORDER, "is_archived": False}),
    ("POST", "/api/items/", ITEM),
    ("PUT", "/api/items/{item}/", ITEM),
    ("PATCH", "/api/items/{item}/", ITEM),
    ("POST", "/api/dev/seed/", SEED),
]
OTHERS = [
    ("GET", "/api/customers/", None),
    ("GET", "/api/customers/{customer}/", None),
    ("DELETE", "/api/customers/{customer}/", None),
    ("GET", "/api/customers/{customer}/orders/", None),
    ("GET", "/api/orders/", None),
    ("GET", "/api/orders/{order}/", None),
    ("DELETE", "/api/orders/{order}/", None),
    ("POST", "/api/orders/{order}/cancel/", None),
    ("POST", "/api/orders/{order}/archive/", None),
    ("GET", "/api/orders/summary/", None),
    ("GET", "/api/items/", None),
    ("GET", "/api/items/{item}/", None),
    ("DELETE", "/api/items/{item}/", None),
]
ENDPOINTS = [*WRITES, *OTHERS]
WITH_ID = [endpoint for endpoint in ENDPOINTS if "{" in endpoint[1]]
INT64_PLUS_1 = 2**63
DEEP = 100_000


def names(endpoints: list[tuple[str, str, Any]]) -> list[str]:
    return [f"{method} {path}" for method, path, _ in endpoints]


on_writes = pytest.mark.parametrize(("method", "path", "body"), WRITES, ids=names(WRITES))
on_all = pytest.mark.parametrize(("method", "path", "body"), ENDPOINTS, ids=names(ENDPOINTS))


class Sender:
    """Sends raw requests to paths with placeholders, and insists on a 4xx in JSON."""

    def __init__(self, api: APIClient, ids: dict[str, int]) -> None:
        self.api = api
        self.ids = ids

    def filled(self, value: Any) -> Any:
        """Return the value with each placeholder replaced by an id."""
        if isinstance(value, dict):
            return {name: self.filled(inner) for name, inner in value.items()}
        return self.ids[value[1:-1]] if isinstance(value, str) and value.startswith("{") else value

    def send(self, method: str, path: str, content: Any, content_type: str = "application/json") -> HttpResponse:
        """Return the response to whatever `content` is."""
        response: HttpResponse = self.api.generic(method, path.format(**self.ids), content, content_type)
        return response

    def refused(self, method: str, path: str, content: Any, content_type: str = "application/json") -> dict[str, Any]:
        """Return the JSON body of the 4xx."""
        response = self.send(method, path, content, content_type)
        assert 400 <= response.status_code < 500, (response.status_code, response.content[:300])
        assert response.headers["Content-Type"] == "application/json"
        body = json.loads(response.content)
        assert isinstance(body, dict)
        assert body
        return body


@pytest.fixture
def sender(api: APIClient, make_order: Callable[..., Order]) -> Sender:
    """A sender whose placeholders are an order, its customer and its line."""
    order = make_order()
    return Sender(api, {"order": order.pk, "customer": order.customer_id, "item": order.items.get().pk})


def test_every_endpoint_of_the_api_is_here() -> None:
    """An endpoint that is missing from these tests fails this one; the schema and its page take no input."""

    def shape(path: str) -> str:
        return re.sub(r"[{<][^}>]*[}>]", "{}", path)

    found = {(method, shape(path)) for path, method, _ in EndpointEnumerator().get_api_endpoints()}
    missing = found - {(method, shape(path)) for method, path, _ in ENDPOINTS}
    assert missing == {("GET", "/api/schema/"), ("GET", "/api/docs/")}


@on_writes
def test_the_valid_body_is_valid(sender: Sender, method: str, path: str, body: Any) -> None:
    """The bodies that the other tests break are accepted unbroken: a refusal is the break's."""
    response = sender.send(method, path, json.dumps(sender.filled(body)))
    assert response.status_code in (200, 201), response.content


NO_OBJECTS = {
    "cut off": b"{",
    "Python": b"{'a': 1}",
    "NaN": b'{"a": NaN}',
    "no UTF-8": b"\xff\xfe",
    "NUL": b"\x00",
    "deep arrays": b"[" * DEEP,
    "deep objects": b'{"a":' * DEEP,
    "nested arrays": b"[" * 900 + b"]" * 900,
    "a number of 5,000 digits": b"1" * 5_000,
    "an array": b"[]",
    "a string": b'"text"',
    "a number": b"1",
    "a boolean": b"true",
}


@on_writes
def test_a_body_that_is_no_json_object_is_refused(
    *, sender: Sender, subtests: pytest.Subtests, method: str, path: str, body: Any
) -> None:
    """Broken JSON, and JSON of another shape, says so."""
    for name, content in NO_OBJECTS.items():
        with subtests.test(name):
            assert sender.refused(method, path, content).keys() <= {"detail", "non_field_errors"}


@on_writes
def test_null_is_no_body(sender: Sender, method: str, path: str, body: Any) -> None:
    """A JSON null is refused too, or is taken for no body where none is needed."""
    response = sender.send(method, path, b"null")
    assert response.status_code == 400, response.content


WRONG = {
    "a string": "text",
    "a numeric string": "1",
    "a float": 1.5,
    "a boolean": True,
    "null": None,
    "an array": [],
    "an object": {"a": 1},
    "a negative number": -1,
    "int64 + 1": INT64_PLUS_1,
    "a number of 4,000 digits": 10**4_000,
    "infinity": float("1e308") * 10,
    "NUL": "a\x00b",
    "half a surrogate pair": "a\ud800b",
    "a control character": "a\nb",
    "a trailing line break": "a\n",
    "a blank": " ",
    "nothing": "",
    "10,000 characters": "a" * 10_000,
}
FITS = {
    "name": {"a string", "a numeric string"},
    "sku": {"a string", "a numeric string"},
    "is_active": {"a boolean"},
    "is_archived": {"a boolean"},
    "items": {"an array"},
}
FIELDS = [(method, path, body, field) for method, path, body in WRITES for field in cast("dict[str, Any]", body)]


@pytest.mark.parametrize(
    ("method", "path", "body", "field"), FIELDS, ids=[f"{row[0]} {row[1]} {row[3]}" for row in FIELDS]
)
def test_a_wrong_value_is_refused_by_name(
    *, sender: Sender, subtests: pytest.Subtests, method: str, path: str, body: Any, field: str
) -> None:
    """One wrong field in a valid body is a 400 that names this field and no other."""
    for name, value in WRONG.items():
        if name in FITS.get(field, set()):
            continue
        content = json.dumps({**sender.filled(body), field: value}).replace("Infinity", "1e999")
        with subtests.test(name):
            assert list(sender.refused(method, path, content)) == [field]


UNKNOWN_NAMES = ["colour", "", "a" * 10_000, "\x00", "\ud800", "__class__", "id", "pk"]


@on_writes
def test_an_unknown_field_is_refused_by_name(
    *, sender: Sender, subtests: pytest.Subtests, method: str, path: str, body: Any
) -> None:
    """A field that is not written is a 400 that names it, shortened and escaped where need be."""
    for name in UNKNOWN_NAMES:
        with subtests.test(ascii(name[:20])):
            refusal = sender.refused(method, path, json.dumps({**sender.filled(body), name: 1}))
            assert list(refusal) == [name[:100].encode("utf-8", "backslashreplace").decode()]


@on_writes
def test_ten_thousand_unknown_fields_are_refused(sender: Sender, method: str, path: str, body: Any) -> None:
    """However many there are, the answer stays short."""
    content = json.dumps({f"field{number}": number for number in range(10_000)})
    assert len(sender.refused(method, path, content)) <= 20


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([LINE] * 10_000, "no more than 100"),
        ([LINE] * 101, "no more than 100"),
        ({"sku": "A"}, "Expected a list"),
        ([None], "may not be null"),
        ([LINE, {**LINE, "quantity": INT64_PLUS_1}], "less than or equal"),
        ([{**LINE, "colour": 1}], "Unknown field"),
        ([{**LINE, "id": 1}], "read-only"),
        ([[[[]]]], "Invalid data"),
    ],
)
def test_bad_lines_of_an_order_are_refused(sender: Sender, items: Any, message: str) -> None:
    """Too many lines, lines of another shape and lines with a wrong field name `items` and say what is wrong."""
    body = sender.refused("POST", "/api/orders/", json.dumps({"customer": sender.ids["customer"], "items": items}))
    assert list(body) == ["items"]
    assert message in json.dumps(body)
    assert Order.objects.count() == 1


def test_a_hundred_lines_are_accepted(sender: Sender) -> None:
    """The limit itself is valid."""
    content = json.dumps({"customer": sender.ids["customer"], "items": [LINE] * 100})
    assert sender.send("POST", "/api/orders/", content).status_code == 201


@on_writes
def test_a_huge_body_is_refused(sender: Sender, method: str, path: str, body: Any) -> None:
    """A body beyond the limit is a 413 in JSON, whatever is in it."""
    content = json.dumps({**sender.filled(body), "name": "a" * 2_000_000})
    assert sender.send(method, path, content).status_code == 413
    assert list(sender.refused(method, path, content)) == ["detail"]


OTHER_TYPES = [
    "text/plain",
    "application/xml",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "x",
]


@on_writes
def test_another_content_type_is_refused(
    *, sender: Sender, subtests: pytest.Subtests, method: str, path: str, body: Any
) -> None:
    """Only JSON is read: anything else is a 415 in JSON."""
    content = json.dumps(sender.filled(body))
    for content_type in OTHER_TYPES:
        with subtests.test(content_type):
            assert sender.send(method, path, content, content_type).status_code == 415
            assert list(sender.refused(method, path, content, content_type)) == ["detail"]


CHARSETS = ["zip", "bz2", "hex", "rot13", "idna", "undefined", "utf-16", "utf-7", "nonsense"]


@on_writes
def test_an_exotic_charset_is_no_failure(
    *, sender: Sender, subtests: pytest.Subtests, method: str, path: str, body: Any
) -> None:
    """A charset that Python knows and JSON does not never becomes a 500."""
    for charset in CHARSETS:
        with subtests.test(charset):
            content_type = f"application/json; charset={charset}"
            assert sender.send(method, path, json.dumps(sender.filled(body)), content_type).status_code < 500


@pytest.mark.parametrize("content", [b"{", b"[" * DEEP, b"\xff", b'{"a": 1}', b"[1]", b'"x"'])
@pytest.mark.parametrize("action", ["cancel", "archive"])
def test_a_body_where_none_belongs_is_refused(sender: Sender, action: str, content: bytes) -> None:
    """`cancel` and `archive` refuse JSON with something in it, and change nothing."""
    sender.refused("POST", f"/api/orders/{{order}}/{action}/", content)
    assert Order.objects.filter(status="draft", is_archived=False).count() == 1


UNKNOWN_QUERIES = ["colour=red", "%00=1", "page=1&colour=1", "a" * 3_000, "%ED%A0%80=1", "[]=1"]


@on_all
def test_an_unknown_query_parameter_is_refused(
    *, sender: Sender, subtests: pytest.Subtests, method: str, path: str, body: Any
) -> None:
    """On every endpoint an unknown parameter is a 400 that names it, and nothing is done."""
    content = "" if body is None else json.dumps(sender.filled(body))
    before = (Customer.objects.count(), Order.objects.count(), OrderItem.objects.count())
    for query in UNKNOWN_QUERIES:
        with subtests.test(ascii(query[:20])):
            assert sender.send(method, f"{path}?{query}", content).status_code == 400
            assert "Unknown query parameter." in json.dumps(sender.refused(method, f"{path}?{query}", content))
    assert (Customer.objects.count(), Order.objects.count(), OrderItem.objects.count()) == before


UNKNOWN_IDS = [
    *("0", "12345", str(2**31), str(INT64_PLUS_1), "9" * 5_000),
    *("-1", "abc", "1.0", "%00", "1%00", "%ED%A0%80", "²", "' OR 1"),
]


@pytest.mark.parametrize(("method", "path", "body"), WITH_ID, ids=names(WITH_ID))
def test_an_unknown_id_is_not_found(
    *, sender: Sender, subtests: pytest.Subtests, method: str, path: str, body: Any
) -> None:
    """An id that is not there, or is no id at all, is a 404 in JSON."""
    content = "" if body is None else json.dumps(sender.filled(body))
    for key in UNKNOWN_IDS:
        place = re.sub("{.*}", key, path)
        with subtests.test(ascii(key[:20])):
            assert sender.send(method, place, content).status_code == 404
            assert list(sender.refused(method, place, content)) == ["detail"]


ALL_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "NONSENSE"]
PATHS = sorted({path for _, path, _ in ENDPOINTS})


@pytest.mark.parametrize("path", [*PATHS, "/healthz/live", "/healthz/ready"])
def test_another_method_is_not_allowed(sender: Sender, path: str) -> None:
    """A method that an endpoint does not have is a 405 in JSON that lists those that it has."""
    known = {method for method, known_path, _ in ENDPOINTS if known_path == path} or {"GET"}
    for method in set(ALL_METHODS) - known:
        response = sender.send(method, path, "")
        assert response.status_code == 405, (method, response.content)
        assert known <= set(response.headers["Allow"].split(", "))
        assert list(sender.refused(method, path, "")) == ["detail"]


@pytest.mark.parametrize(
    "path", ["/api/", "/api/nothing/", "/api/orders", "/api/orders/1", "/api/%00/", "/api//", "/healthz/"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_not_found(sender: Sender, method: str, path: str) -> None:
    """A path under the API that is not there is a 404 in JSON."""
    assert sender.send(method, path, "").status_code == 404
    assert list(sender.refused(method, path, "")) == ["detail"]


def test_an_unknown_host_is_refused(api: APIClient) -> None:
    """A Host header that is not ours is a 400 in JSON."""
    response = api.get("/api/orders/", headers={"host": "evil.example"})
    assert (response.status_code, response.json()) == (400, {"detail": "Bad request."})


def test_an_unknown_accept_header_is_refused(api: APIClient) -> None:
    """A client that takes no JSON gets a 406, in JSON."""
    response = api.get("/api/orders/", headers={"accept": "text/html"})
    assert (response.status_code, list(json.loads(response.content))) == (406, ["detail"])
