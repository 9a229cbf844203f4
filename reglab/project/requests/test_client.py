"""Sends a scenario's requests through Django's own test client, and keeps what came back."""

import http.cookies
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, cast

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.client import ClientHandler

from reglab.config.suite_parts import JOBS
from reglab.project.requests.constants import constants_set
from reglab.project.requests.forced_user import ForcingHandler
from reglab.project.requests.jobs import job_response
from reglab.project.requests.limits import read_stream

_TEXT_LENGTH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request with every binding filled in, ready to send.

    `is_secure` sends it as https. `is_forced` lets the suite's user pass as the one that the authentication of
    Django REST Framework or django-ninja would have found, whatever it asks for. `constants` of modules, by dotted
    name, are others while it is answered.
    """

    method: str
    path: str
    body: bytes
    content_type: str
    headers: Mapping[str, str]
    expected_status: int
    is_secure: bool = False
    is_forced: bool = False
    constants: Mapping[str, Any] = field(default_factory=dict)


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

    The middleware is loaded once, as in a server: what it does when it is made is no request's work. `handler` has
    loaded it already.
    """

    def __init__(self, *, cookies: http.cookies.SimpleCookie, handler: ClientHandler | None = None) -> None:
        self._client = Client(raise_request_exception=False, HTTP_USER_AGENT="regression-lab")
        self._client.handler = handler or self._client.handler
        self._is_forcing = False
        self._handlers: dict[bool, Any] = {False: self._client.handler}
        self._cookies = {name: morsel.value for name, morsel in cookies.items()}

    def send(self, requests: tuple[Request, ...], *, responses: list[HttpResponseBase]) -> None:
        """Send the requests one after another, and append each response to `responses`.

        A view's exception becomes a response of 500. A streamed body is read here, as a server would send it.
        Raises LimitError, and AuditError for a constant that there is not.
        """
        self._client.cookies = http.cookies.SimpleCookie(self._cookies)
        for request in requests:
            if request.is_forced is not self._is_forcing:
                self._force(request.is_forced)
            with constants_set(request.constants):
                response = self._answered(request)
                if response.streaming:
                    read_stream(response)
            responses.append(cast("HttpResponseBase", response))

    def _answered(self, request: Request) -> Any:
        if request.method in JOBS:
            return job_response(request.method, request.path, request.body)
        return self._client.generic(
            request.method,
            request.path,
            data=request.body,
            content_type=request.content_type,
            secure=request.is_secure,
            headers=dict(request.headers),
        )

    def _force(self, is_forced: bool) -> None:
        self._is_forcing = is_forced
        if is_forced not in self._handlers:
            self._handlers[is_forced] = ForcingHandler(enforce_csrf_checks=False)
        self._client.handler = self._handlers[is_forced]


def answers_to(requests: tuple[Request, ...], responses: Sequence[HttpResponseBase]) -> tuple[Answer, ...]:
    """Read what each request was answered with."""
    return tuple(_answer(request, response) for request, response in zip(requests, responses, strict=False))


def _answer(request: Request, response: HttpResponseBase) -> Answer:
    body = response.getvalue() if isinstance(response, HttpResponse | StreamingHttpResponse) else b""
    trace: tuple[type[BaseException], BaseException, TracebackType] | None = getattr(response, "exc_info", None)
    return Answer(request=request, status=response.status_code, body=body, error=trace[1] if trace else None)
