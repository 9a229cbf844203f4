"""Sending a scenario's requests through Django's own test client, and what came back."""

import http.cookies
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, cast

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client

from bench.binding import filled_body, filled_path
from bench.suite import Scenario, Step, Suite

_TEXT_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request with every binding filled in, ready to send."""

    method: str
    path: str
    body: bytes
    content_type: str
    headers: Mapping[str, str]
    expected_status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one request was answered with; `error` is the exception where the view raised one."""

    request: Request
    status: int
    body: bytes
    error: BaseException | None = None

    @property
    def is_as_declared(self) -> bool:
        """Whether the status is the one that the suite declares."""
        return self.status == self.request.expected_status and self.error is None

    @property
    def complaint(self) -> str:
        """One sentence on what was expected and found."""
        said = f"{type(self.error).__name__}: {self.error}" if self.error else self.body.decode(errors="replace")
        first_line = next((line.strip() for line in said.splitlines() if line.strip()), "(an empty body)")
        return (
            f"{self.request.method} {self.request.path} answered {self.status}, expected "
            f"{self.request.expected_status}: {first_line[:_TEXT_LENGTH]}"
        )


def prepared(suite: Suite, scenario: Scenario, values: Mapping[str, Any]) -> tuple[Request, ...]:
    """Fill the bindings of every step."""
    return tuple(_prepared(suite, step, values) for step in scenario.all_steps)


class Visitor:
    """Sends requests through Django's own test client, each sequence with the same cookies at its start.

    The middleware is loaded once, as in a server: what it does when it is made is no request's work.
    """

    def __init__(self, *, cookies: http.cookies.SimpleCookie) -> None:
        self._client = Client(raise_request_exception=False)
        self._cookies = {name: morsel.value for name, morsel in cookies.items()}

    def send(self, requests: tuple[Request, ...], *, responses: list[HttpResponseBase]) -> None:
        """Send the requests one after another, and append each response to `responses`.

        A view's exception becomes a response of 500. A streamed body is left for the counters to read.
        """
        self._client.cookies = http.cookies.SimpleCookie(self._cookies)
        for request in requests:
            response = self._client.generic(
                request.method,
                request.path,
                data=request.body,
                content_type=request.content_type,
                headers=dict(request.headers),
            )
            responses.append(cast("HttpResponseBase", response))


def answers_to(requests: tuple[Request, ...], responses: Sequence[HttpResponseBase]) -> tuple[Answer, ...]:
    """Read what each request was answered with."""
    return tuple(_answer(request, response) for request, response in zip(requests, responses, strict=False))


def _prepared(suite: Suite, step: Step, values: Mapping[str, Any]) -> Request:
    body = filled_body(step.body, values)
    return Request(
        method=step.method,
        path=filled_path(step.path, values),
        body=_encoded(body, step.content_type),
        content_type=step.content_type,
        headers={name: str(filled_body(value, values)) for name, value in {**suite.headers, **step.headers}.items()},
        expected_status=step.status,
    )


def _encoded(body: Any, content_type: str) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str) and content_type != "application/json":
        return body.encode()
    if content_type == "application/x-www-form-urlencoded":
        from urllib.parse import urlencode

        return urlencode(body, doseq=True).encode()
    return json.dumps(body).encode()


def _answer(request: Request, response: HttpResponseBase) -> Answer:
    body = response.getvalue() if isinstance(response, HttpResponse | StreamingHttpResponse) else b""
    trace: tuple[type[BaseException], BaseException, TracebackType] | None = getattr(response, "exc_info", None)
    return Answer(request=request, status=response.status_code, body=body, error=trace[1] if trace else None)
