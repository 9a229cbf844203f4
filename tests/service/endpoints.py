"""Every endpoint of the API with a valid body, and what sends broken ones to it."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from rest_framework.test import APIClient

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
INT64_PLUS_1 = 2**63


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
