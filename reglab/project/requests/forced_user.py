"""User that passes whatever an API's authentication asks for, as `force_authenticate` lets one in tests."""

import http.cookies
import sys
from typing import Any, Final

from django.apps import apps
from django.contrib.auth import get_user, get_user_model
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.test import Client
from django.test.client import ClientHandler
from django.urls import get_resolver
from django.utils.functional import SimpleLazyObject

from reglab.project.data.superuser import has_sessions

# Says who asks where the project keeps no sessions.
USER_COOKIE: Final = "reglab_user"


def login_cookies(user: Any, *, is_forced: bool) -> http.cookies.SimpleCookie:
    """Return what the requests of a user carry: a session where the project keeps any."""
    client = Client()
    if has_sessions():
        client.force_login(user)
    if is_forced:
        client.cookies[USER_COOKIE] = str(user.pk)
    return client.cookies


def can_force() -> bool:
    """Tell whether the project has a framework that lets a user in by force."""
    return apps.is_installed("rest_framework") or _ninja() is not None


class ForcingHandler(ClientHandler):
    """Marks requests as Django REST Framework's own test client marks them after `force_authenticate`."""

    def __init__(self, *, enforce_csrf_checks: bool) -> None:
        super().__init__(enforce_csrf_checks=enforce_csrf_checks)
        _open_ninja()

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Mark the request, and answer it."""
        # Late: the session is there when the view asks, not before its middleware has run.
        request._force_auth_user = SimpleLazyObject(lambda: _user_of(request))  # type: ignore[attr-defined]  # noqa: SLF001
        return super().get_response(request)


def _user_of(request: HttpRequest) -> Any:
    if hasattr(request, "session"):
        return get_user(request)
    return get_user_model()._default_manager.get(pk=request.COOKIES[USER_COOKIE])  # noqa: SLF001


def _ninja() -> Any:
    """Return django-ninja's module of operations: it is in no list of apps, and loaded where a URL leads to it."""
    _ = get_resolver().url_patterns
    return sys.modules.get("ninja.operation")


def _open_ninja() -> None:
    """Let django-ninja, which has no way of its own, take the user of a marked request for the one that it found."""
    ninja = _ninja()
    for name, opening in (("Operation", _opened), ("AsyncOperation", _opened_async)):
        operation: Any = getattr(ninja, name, None)
        authenticate: Any = vars(operation).get("_run_authentication") if operation is not None else None
        if authenticate is not None and not hasattr(authenticate, "is_opened"):
            opened = opening(authenticate)
            opened.is_opened = True
            operation._run_authentication = opened  # noqa: SLF001


def _opened(authenticate: Any) -> Any:
    def run(operation: Any, request: Any) -> Any:
        user = getattr(request, "_force_auth_user", None)
        if user is None or not _is_somebody(user):
            return authenticate(operation, request)
        request.user = request.auth = user
        return None

    return run


def _opened_async(authenticate: Any) -> Any:
    async def run(operation: Any, request: Any) -> Any:
        from asgiref.sync import sync_to_async

        user = getattr(request, "_force_auth_user", None)
        if user is None or not await sync_to_async(_is_somebody)(user):
            return await authenticate(operation, request)
        request.user = request.auth = user
        return None

    return run


def _is_somebody(user: Any) -> bool:
    """Read the user now, for later no query may be allowed; a session that was ended meanwhile proves nobody."""
    return user.pk is not None
