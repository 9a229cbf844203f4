"""Every endpoint that reads a body meets broken, wrong and enormous ones: a 4xx in JSON that names the culprit."""

import json
from typing import Any, cast

import pytest

from service.orders.models import Order
from tests.service.endpoints import INT64_PLUS_1, LINE, WRITES, Sender, on_writes

pytestmark = pytest.mark.django_db

DEEP = 100_000


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
