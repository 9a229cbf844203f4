"""Requests as a caller sends them, and their answers in the words of the matrix."""

from collections.abc import Sequence
from typing import Any, cast

from django.http.response import HttpResponseBase
from django.test import Client

from reglab.access.callers import Caller
from reglab.access.cells import ABSENT, LOGIN
from reglab.project.endpoints.view_places import is_login, view_of
from reglab.project.requests.test_client import Request


def sent(client: Client, requests: Sequence[Request], caller: Caller) -> HttpResponseBase:
    """Send requests as a caller, each over https, and return the last answer."""
    response: Any = None
    for request in requests:
        response = client.generic(
            request.method,
            _with_query(request.path, caller.query),
            data=request.body,
            content_type=request.content_type,
            headers={**request.headers, **caller.headers},
            secure=True,
        )
    return cast("HttpResponseBase", response)


def _with_query(path: str, query: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{query}" if query else path


def answer_of(response: HttpResponseBase, path: str) -> str:
    """Return an answer as a cell of the matrix tells it."""
    if response.status_code == 404 and view_of(path) is None:
        return ABSENT
    if 300 <= response.status_code < 400 and is_login(response.headers.get("Location", "")):
        return LOGIN
    return str(response.status_code)
