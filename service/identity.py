"""Proof that this is a test target, for whoever holds the load test's key. Production never gives it.

The contract is in docs/load.md: `GET /healthz/identity?nonce=…` answers the environment, the revision, the nonce and
the HMAC-SHA256 of the three under LOADTEST_KEY. Without a key, and in production, the path does not exist.
"""

import hashlib
import hmac
import os
import re

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

VERSION = "regression-lab-identity-1"
KEY_LENGTH_MIN = 16
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,128}")


@never_cache
@require_safe
def identity(request: HttpRequest) -> JsonResponse:
    """Answer a nonce of 16 to 128 letters, digits, '_' or '-' with a signature that proves the key."""
    nonce = request.GET.get("nonce", "")
    if not _NONCE.fullmatch(nonce):
        return JsonResponse({"nonce": ["Give 16 to 128 letters, digits, '_' or '-'."]}, status=400)
    environment = settings.ENVIRONMENT.name
    revision = os.environ.get("SERVICE_REVISION", "unknown")
    return JsonResponse(
        {
            "environment": environment,
            "revision": revision,
            "nonce": nonce,
            "signature": signature(_key(), environment=environment, revision=revision, nonce=nonce),
        }
    )


def signature(key: str, *, environment: str, revision: str, nonce: str) -> str:
    """Return the hexadecimal HMAC-SHA256 of the canonical text: version, environment, revision, nonce, one a line."""
    canonical = f"{VERSION}\n{environment}\n{revision}\n{nonce}"
    return hmac.new(key.encode(), canonical.encode(), hashlib.sha256).hexdigest()


def identity_paths() -> list[URLPattern]:
    """Return the path of the identity, or nothing where this is no test target."""
    if settings.ENVIRONMENT.name == "production" or len(_key()) < KEY_LENGTH_MIN:
        return []
    return [path("healthz/identity", identity, name="identity")]


def _key() -> str:
    return os.environ.get("LOADTEST_KEY", "")
