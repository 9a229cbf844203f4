"""JSON for every error under the API's paths, and the database's share of the time."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from rest_framework.test import APIClient

from service.middleware import JsonErrors, ServerTiming
from service.orders import selectors
from service.orders.models import Order

pytestmark = pytest.mark.django_db


def through(path: str, response: HttpResponse | StreamingHttpResponse) -> Any:
    def answer(request: HttpRequest) -> Any:
        return response

    return JsonErrors(answer)(RequestFactory().get(path))


def test_an_html_error_becomes_json() -> None:
    """Django's own error page under /api/ turns into JSON and keeps its headers."""
    response = through("/api/x/", HttpResponse("<h1>Oh</h1>", status=405, headers={"Allow": "GET"}))
    assert response.content == b'{"detail": "Method not allowed."}'
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Content-Length"] == str(len(response.content))
    assert response.headers["Allow"] == "GET"


def test_an_uncommon_error_becomes_json() -> None:
    """A status without a sentence of ours says its standard name."""
    assert through("/api/x/", HttpResponse("x", status=418)).content == b'{"detail": "I\'m a Teapot"}'


@pytest.mark.parametrize(
    ("path", "response"),
    [
        ("/admin/", HttpResponse("<h1>Oh</h1>", status=404)),
        ("/api/docs/", HttpResponse("<h1>Docs</h1>")),
        ("/api/x/", HttpResponse("{}", status=400, content_type="application/json")),
        ("/api/x/", StreamingHttpResponse([b"x"], status=404)),
    ],
    ids=["another path", "no error", "JSON already", "a stream"],
)
def test_everything_else_passes_through(path: str, response: Any) -> None:
    """Pages of the admin, successes, JSON and streams are left alone."""
    before = response.getvalue() if response.streaming is False else None
    assert through(path, response) is response
    if before is not None:
        assert response.content == before


def test_a_failure_of_the_api_is_json(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception in a view is a 500 in JSON without a word of the exception."""

    def fail(**_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(selectors, "top_customers", fail)
    response = api.get("/api/orders/summary/")
    assert (response.status_code, response.json()) == (500, {"detail": "Internal server error."})


@pytest.mark.parametrize(
    ("path", "work"),
    [("/api/orders/summary/", "1 query"), ("/api/orders/", "3 queries"), ("/healthz/live", "0 queries")],
)
def test_server_timing_tells_the_work(
    api: APIClient, settings: Any, make_order: Callable[..., Order], path: str, work: str
) -> None:
    """With the middleware on, a response says how many statements it took and how long they did."""
    make_order()
    settings.MIDDLEWARE = [f"service.middleware.{ServerTiming.__name__}", *settings.MIDDLEWARE]
    header = api.get(path).headers["Server-Timing"]
    assert re.fullmatch(rf'db;dur=\d+\.\d\d;desc="{work}", total;dur=\d+\.\d\d', header)


def test_server_timing_is_off_unless_asked_for(api: APIClient) -> None:
    """Without SERVER_TIMING=1 there is no such header."""
    assert "Server-Timing" not in api.get("/healthz/live").headers
