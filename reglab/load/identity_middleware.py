"""Identity of a test target, ready for any Django project: one line in MIDDLEWARE, and the first one there.

Answers /healthz/identity, signs every answer to a load test, and refuses a load test that is meant for another
server. Does nothing but refuse where LOADTEST_KEY (16 characters or more) or LOADTEST_ENVIRONMENT ("development",
"test" or "staging") is not set: production sets neither. LOADTEST_REVISION names what is deployed.
"""

import hashlib
import hmac
import os
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from reglab.load.target.proof import (
    ANSWER_VERSION,
    IDENTITY_VERSION,
    PROOF_HEADER,
    REQUEST_HEADER,
    REQUEST_VERSION,
    WRITE_SUFFIX,
    signature,
)

IDENTITY_PATH: Final = "/healthz/identity"
ENVIRONMENTS: Final = ("development", "test", "staging")
KEY_LENGTH_MIN: Final = 16
MISDIRECTED: Final = 421
_NONCE: Final = re.compile(r"[A-Za-z0-9_-]{16,128}")
_REQUEST: Final = re.compile(r"([A-Za-z0-9_-]{8,128})\.([0-9a-f]{64})")


class IdentityMiddleware:
    """Proves with the shared key that this is a test target. For WSGI and ASGI."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.key = os.environ.get("LOADTEST_KEY", "")
        self.environment = os.environ.get("LOADTEST_ENVIRONMENT", "")
        self.revision = os.environ.get("LOADTEST_REVISION", "unknown")
        self.is_target = len(self.key) >= KEY_LENGTH_MIN and self.environment in ENVIRONMENTS
        self.place = _place(self.key)
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        """Answer for the project, or in its place."""
        if self.is_async:
            return self._later(request)
        return self._after(request, self._before(request) or self.get_response(request))

    async def _later(self, request: HttpRequest) -> HttpResponseBase:
        return self._after(request, self._before(request) or await self.get_response(request))

    def _before(self, request: HttpRequest) -> HttpResponseBase | None:
        """Answer who this is, or refuse what is meant for another server; None is for the project."""
        if self.is_target and request.path == IDENTITY_PATH:
            return self._identity(request)
        given = request.headers.get(REQUEST_HEADER)
        if given is None:
            return None
        if not self._request_id(given):
            return JsonResponse({"detail": "This load test is meant for another server."}, status=MISDIRECTED)
        # What a load test writes has this behind its path, and so exists nowhere else.
        request.path = request.path.removesuffix(WRITE_SUFFIX)
        request.path_info = request.path_info.removesuffix(WRITE_SUFFIX)
        return None

    def _after(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if name := self._request_id(request.headers.get(REQUEST_HEADER, "")):
            proof = signature(self.key, ANSWER_VERSION, self.environment, self.place, self.revision, name)
            response.headers[PROOF_HEADER] = f"{self.revision} {proof}"
        return response

    def _request_id(self, given: str) -> str:
        """Return the id of a request that is meant for this target, nothing for any other."""
        found = _REQUEST.fullmatch(given) if self.is_target else None
        if found is None:
            return ""
        expected = signature(self.key, REQUEST_VERSION, self.environment, self.place, found[1])
        return found[1] if hmac.compare_digest(found[2], expected) else ""

    def _identity(self, request: HttpRequest) -> HttpResponseBase:
        nonce = request.GET.get("nonce", "")
        if not _NONCE.fullmatch(nonce):
            return JsonResponse({"nonce": ["Give 16 to 128 letters, digits, '_' or '-'."]}, status=400)
        parts = {"environment": self.environment, "place": self.place, "revision": self.revision, "nonce": nonce}
        answer = JsonResponse({**parts, "signature": signature(self.key, IDENTITY_VERSION, *parts.values())})
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _place(key: str) -> str:
    """Name the database behind this process without telling which: another database is another place."""
    database = settings.DATABASES.get("default", {})
    named = "|".join(str(database.get(part, "")) for part in ("ENGINE", "HOST", "PORT", "NAME"))
    return hmac.new(key.encode(), named.encode(), hashlib.sha256).hexdigest()[:16]
