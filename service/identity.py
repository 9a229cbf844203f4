"""Proof that this is a test target, for whoever holds the load test's key. Production never gives it.

The contract is in docs/load.md. `GET /healthz/identity?nonce=…` answers environment, place, revision, nonce, and their
HMAC-SHA256 under LOADTEST_KEY. A request that a load test has signed for this target gets a signature with its answer;
one that is meant for another server is refused with 421 before it reaches a view. Without a key, and in production,
the path does not exist, and every request of a load test is refused.
"""

import hashlib
import hmac
import json
import os
import re
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

IDENTITY_VERSION = "regression-lab-identity-2"
REQUEST_VERSION = "regression-lab-request-2"
ANSWER_VERSION = "regression-lab-answer-2"
PROOF_HEADER = "X-Load-Proof"
WRITE_SUFFIX = "~load"
KEY_LENGTH_MIN = 16
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,128}")
_REQUEST = re.compile(r"([A-Za-z0-9_-]{8,128})\.([0-9a-f]{64})")
_REFUSAL = json.dumps({"detail": "This load test is meant for another server."}).encode()

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


@never_cache
@require_safe
def identity(request: HttpRequest) -> JsonResponse:
    """Answer a nonce of 16 to 128 letters, digits, '_' or '-' with a signature that proves the key."""
    nonce = request.GET.get("nonce", "")
    if not _NONCE.fullmatch(nonce):
        return JsonResponse({"nonce": ["Give 16 to 128 letters, digits, '_' or '-'."]}, status=400)
    parts = {"environment": settings.ENVIRONMENT.name, "place": place(), "revision": revision(), "nonce": nonce}
    return JsonResponse({**parts, "signature": signature(_key(), IDENTITY_VERSION, *parts.values())})


def signature(key: str, *lines: str) -> str:
    """Return the hexadecimal HMAC-SHA256 of lines that are joined by a line feed."""
    return hmac.new(key.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()


def place() -> str:
    """Name the database of this process without telling which it is: another one is another place."""
    database = settings.DATABASES["default"]
    named = "|".join(str(database.get(part, "")) for part in ("ENGINE", "HOST", "PORT", "NAME"))
    return signature(_key(), named)[:16]


def revision() -> str:
    """Return what is deployed here."""
    return os.environ.get("SERVICE_REVISION", "unknown")


def identity_paths() -> list[URLPattern]:
    """Return the path of the identity, or nothing where this is no test target."""
    return [path("healthz/identity", identity, name="identity")] if _is_target() else []


class SignedAnswers:
    """Wraps the WSGI application, so that errors of every layer are signed too, and no answer to anyone else is."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer everyone as before, and a load test with the proof, or with a refusal."""
        given = environ.get("HTTP_X_LOAD_REQUEST")
        if given is None:
            return self.application(environ, start_response)
        name = _request_id(given)
        if not name:
            headers = [("Content-Type", "application/json"), ("Content-Length", str(len(_REFUSAL)))]
            start_response("421 Misdirected Request", headers)
            return [_REFUSAL]
        # What a load test writes has this behind its path, and so exists nowhere else.
        environ["PATH_INFO"] = environ.get("PATH_INFO", "").removesuffix(WRITE_SUFFIX)
        proof = (
            f"{revision()} {signature(_key(), ANSWER_VERSION, settings.ENVIRONMENT.name, place(), revision(), name)}"
        )

        def start_signed(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            return start_response(status, [*headers, (PROOF_HEADER, proof)], *exc_info)

        return self.application(environ, start_signed)


def _request_id(given: str) -> str:
    """Return the id of a request that was signed for this target, nothing for any other."""
    found = _REQUEST.fullmatch(given) if _is_target() else None
    if found is None:
        return ""
    expected = signature(_key(), REQUEST_VERSION, settings.ENVIRONMENT.name, place(), found[1])
    return found[1] if hmac.compare_digest(found[2], expected) else ""


def _is_target() -> bool:
    return settings.ENVIRONMENT.name != "production" and len(_key()) >= KEY_LENGTH_MIN


def _key() -> str:
    return os.environ.get("LOADTEST_KEY", "")
