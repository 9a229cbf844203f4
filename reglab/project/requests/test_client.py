"""Sending a scenario's requests through Django's own test client, and what came back."""

import http.cookies
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import cast

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client

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


def _answer(request: Request, response: HttpResponseBase) -> Answer:
    body = response.getvalue() if isinstance(response, HttpResponse | StreamingHttpResponse) else b""
    trace: tuple[type[BaseException], BaseException, TracebackType] | None = getattr(response, "exc_info", None)
    return Answer(request=request, status=response.status_code, body=body, error=trace[1] if trace else None)
