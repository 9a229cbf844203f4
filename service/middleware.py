"""Middleware of every request: JSON for each error of the API, and the database's share of the time."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]

JSON_PATHS = ("/api/", "/healthz/")
DETAILS = {
    400: "Bad request.",
    403: "Forbidden.",
    404: "Not found.",
    405: "Method not allowed.",
    413: "The request is too large.",
    429: "Too many requests.",
    500: "Internal server error.",
}


class JsonErrors:
    """Turns Django's own HTML error pages under the API's paths into JSON, in every environment."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the response, or with its error as JSON."""
        response = self.get_response(request)
        if response.status_code < 400 or not request.path_info.startswith(JSON_PATHS):
            return response
        if not isinstance(response, HttpResponse) or "json" in response.headers.get("Content-Type", ""):
            return response
        response.content = json.dumps({"detail": DETAILS.get(response.status_code, response.reason_phrase)}).encode()
        response.headers["Content-Type"] = "application/json"
        response.headers["Content-Length"] = str(len(response.content))
        return response


@dataclass(slots=True, kw_only=True)
class DatabaseClock:
    """Counts the statements of one request and the seconds that they took: a wrapper for `execute_wrapper`."""

    queries: int = 0
    seconds: float = 0.0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Execute one statement on the clock."""
        started = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.queries += 1
            self.seconds += perf_counter() - started


class ServerTiming:
    """Adds `Server-Timing: db;dur=<ms>;desc="<n> queries", total;dur=<ms>`, so that a client sees the work done."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the response and what it cost."""
        clock = DatabaseClock()
        started = perf_counter()
        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(clock))
            response = self.get_response(request)
        total_ms = (perf_counter() - started) * 1000
        noun = "query" if clock.queries == 1 else "queries"
        response.headers["Server-Timing"] = (
            f'db;dur={clock.seconds * 1000:.2f};desc="{clock.queries} {noun}", total;dur={total_ms:.2f}'
        )
        return response
