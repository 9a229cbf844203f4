"""A project whose callers prove themselves by keys of its own, and hooks that say so."""

from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from knox.models import AuthToken


def keyed(request: HttpRequest) -> HttpResponse:
    """Serve whoever sends the key of an account that is in use."""
    user = get_user_model().objects.filter(username=request.headers.get("X-Key", "").removeprefix("key of ")).first()
    return JsonResponse({}, status=200 if user is not None and user.is_active else 401)


def keyed_by_row(request: HttpRequest) -> HttpResponse:
    """Serve whoever sends the key of a row."""
    row = AuthToken.objects.filter(token_key=request.headers.get("X-Key", "-")).first()
    return JsonResponse({}, status=200 if row is not None and row.user.is_active else 401)


def key_of(user: Any) -> dict[str, str]:
    """Return the header with the key of an account."""
    return {"X-Key": f"key of {user.get_username()}"}


def former_key_of(user: Any) -> dict[str, dict[str, str]]:
    """Return what was the key of an account once."""
    return {"key of last year": {"X-Key": f"last year's key of {user.get_username()}"}}


def no_headers(user: Any) -> Any:
    """Return what is no header at all."""
    return user.pk


def failing_key(user: Any) -> Any:
    """Make no key."""
    raise KeyError(user.pk)


urlpatterns = [path("keyed/", keyed), path("keyed-by-row/", keyed_by_row)]
