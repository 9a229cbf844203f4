"""Generates requests that are wrong in every way: bytes on the wire, from a seed."""

import json
import random
from collections.abc import Iterator
from typing import Any

PATHS = [
    *("/api/customers/", "/api/customers/1/", "/api/customers/1/orders/", "/api/orders/", "/api/orders/1/"),
    *("/api/orders/1/cancel/", "/api/orders/1/archive/", "/api/orders/summary/", "/api/items/", "/api/items/1/"),
    *("/api/nothing/", "/healthz/live", "/healthz/ready", "/", "/admin/", "/api/../admin/", "//", "/%00", "/api/%ff/"),
]
QUERIES = [
    *(
        "",
        "page=0",
        "page=2&page=3",
        "page_size=101",
        "cursor=",
        "cursor=%00",
        "cursor=cD1hYmM=",
        "cursor=====",
        "limit=-1",
    ),
    *("limit=" + "9" * 400, "status=lost", "email=%00", "email=" + "a" * 300, "%ED%A0%80=1", "a[]=1", "page=1&cursor="),
]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "BREW", "get"]
FIELDS = ["name", "email", "customer", "status", "items", "order", "sku", "quantity", "unit_price_cents", "is_active"]
VALUES: list[Any] = [
    *(
        None,
        True,
        -1,
        0,
        1,
        2**63,
        10**400,
        1.5,
        1e308,
        "",
        " ",
        "\u200b",
        "\x00",
        "a" * 10_000,
        "\ud800",
        "x@y.example",
    ),
    *([], {}, [[]], [None], {"a": {"b": []}}, "paid", "A-1", [{"sku": "A", "quantity": 1, "unit_price_cents": 1}]),
]
HEADERS = [
    *(
        "X-HTTP-Method-Override: DELETE",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip",
        "Expect: 100-continue",
    ),
    *(
        "Content-Length: 7",
        "Content-Length: -1",
        "Content-Type: text/plain",
        "Content-Encoding: gzip",
        "Range: bytes=0-9",
    ),
    *(
        "Accept: text/html",
        "Authorization: Token x",
        "Cookie: sessionid=\x01",
        "X-Forwarded-Proto: https",
        "SCRIPT_NAME: /api",
    ),
    *(
        "If-None-Match: *",
        "X-A: " + "b" * 9_000,
        "Bad Header: 1",
        "Host: localhost:99999999",
        "Upgrade: h2c",
        ": empty",
    ),
]


def generated_requests(*, seed: int, count: int) -> Iterator[bytes]:
    """Yield so many requests: the same for the same seed."""
    source = random.Random(seed)  # noqa: S311  # test data
    for _ in range(count):
        yield _request(source)


def _request(source: random.Random) -> bytes:
    path = source.choice(PATHS)
    query = source.choice(QUERIES)
    body = _body(source)
    headers = source.sample(HEADERS, k=source.choice([0, 0, 0, 1, 1, 2]))
    chosen = {header.partition(":")[0].lower() for header in headers}
    lines = [
        f"{source.choice(METHODS)} {path}{'?' if query else ''}{query} HTTP/1.1",
        *([] if "host" in chosen else ["Host: localhost"]),
        *([] if "content-type" in chosen else ["Content-Type: application/json"]),
        *([] if {"content-length", "transfer-encoding"} & chosen else [f"Content-Length: {len(body)}"]),
        *headers,
        "Connection: close",
    ]
    if "Content-Length: 7" in headers:
        # Less than was announced would be waited for.
        body = body.ljust(7)
    if "transfer-encoding" in chosen:
        body = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def _body(source: random.Random) -> bytes:
    kind = source.randrange(8)
    if kind == 0:
        return b""
    if kind == 1:
        return source.randbytes(source.randrange(200))
    if kind == 2:
        return b"[" * source.randrange(50_000)
    fields = {source.choice(FIELDS): source.choice(VALUES) for _ in range(source.randrange(5))}
    text = json.dumps(fields)
    if kind == 3:
        text = text[: source.randrange(len(text) + 1)]
    if kind == 4:
        text = '{"name": 1, "name": 2}'
    return text.encode()
