"""The ready middleware keeps the contract of docs/load.md, under WSGI and ASGI, and refuses where it is no target."""

import asyncio
import json
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from reglab.load.identity_middleware import IdentityMiddleware
from reglab.load.target.proof import Proof

KEY = "a-key-that-only-these-tests-know"


@pytest.fixture(autouse=True)
def _target(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("KEY", KEY), ("ENVIRONMENT", "staging"), ("REVISION", "abc")):
        monkeypatch.setenv(f"LOADTEST_{name}", value)


def answer(request: HttpRequest) -> HttpResponse:
    """Answer with the path that a view would be found by."""
    return HttpResponse(f"{request.path} {request.path_info}", status=404)


async def answer_later(request: HttpRequest) -> HttpResponse:
    """Answer as an ASGI application does."""
    return answer(request)


def asked(path: str, header: str | None, *, is_async: bool = False) -> Any:
    """Send one DELETE, or a GET for the identity, through the middleware."""
    headers = {} if header is None else {"X-Load-Request": header}
    factory = RequestFactory(headers=headers)
    request = factory.get(path) if "identity" in path else factory.delete(path)
    if is_async:
        return asyncio.run(IdentityMiddleware(answer_later)(request))  # type: ignore[arg-type]  # a coroutine here
    return IdentityMiddleware(answer)(request)


def proof() -> Proof:
    """Return the proof of the target that the middleware makes of this process."""
    identity = json.loads(asked("/healthz/identity?nonce=0123456789abcdef", None).content)
    return Proof(key=KEY, environment="staging", place=identity["place"], revision=identity["revision"])


@pytest.mark.parametrize("is_async", [False, True])
def test_an_answer_is_signed_and_the_suffix_is_off_the_path(*, is_async: bool) -> None:
    """The engine's own proof accepts it, whatever the status; the view sees the plain path."""
    mine = proof()
    name, header = mine.next_request()
    response = asked("/books/1/~load", header, is_async=is_async)
    assert (response.status_code, response.content) == (404, b"/books/1/ /books/1/")
    assert mine.revision_of(name, response.headers["X-Load-Proof"]) == "abc"


def test_the_identity_is_signed_too_where_a_load_test_asks() -> None:
    """Readiness may be asked of it."""
    mine = proof()
    name, header = mine.next_request()
    response = asked("/healthz/identity?nonce=0123456789abcdef", header)
    assert mine.revision_of(name, response.headers["X-Load-Proof"]) == "abc"


@pytest.mark.parametrize("variable", ["LOADTEST_KEY", "LOADTEST_ENVIRONMENT"])
def test_where_it_is_no_target_a_load_test_is_refused(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Production sets neither: 421, no view is asked, there is no identity; everyone else is answered as before."""
    _, header = proof().next_request()
    monkeypatch.setenv(variable, "")
    assert asked("/books/1/~load", header).status_code == 421
    assert asked("/healthz/identity?nonce=0123456789abcdef", None).content.startswith(b"/healthz/identity")
    plain = asked("/books/1/~load", None)
    assert (plain.content, "X-Load-Proof" in plain.headers) == (b"/books/1/~load /books/1/~load", False)


def test_a_nonce_that_could_forge_another_text_is_refused() -> None:
    """Too short, or with a line break: a 400 that names the field."""
    for nonce in ("short", "new%0Aline%0Aforgery-0123"):
        assert asked(f"/healthz/identity?nonce={nonce}", None).status_code == 400
