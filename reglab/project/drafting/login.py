"""User of the drafted requests: a baked superuser, by session, by token, or as REST framework's tests do."""

import http.cookies
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.test import Client

from reglab.project.data.baking.people import user_model, username
from reglab.project.data.superuser import has_sessions
from reglab.project.drafting.parameters import binding_of

_TOKEN_MODELS: Final = ("authtoken.Token",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How every request of a draft is sent. `headers` are as the suite writes them, with their bindings."""

    user: Mapping[str, Any] | None = None
    headers: Mapping[str, str] | None = None
    bindings: Mapping[str, Mapping[str, Any]] | None = None
    is_forced: bool = False
    is_secure: bool = False

    def cookies(self) -> http.cookies.SimpleCookie:
        """Log the user in on the present databases, and return the session's cookies."""
        client = Client()
        if self.user is not None:
            model: Any = apps.get_model(self.user["model"])
            client.force_login(model._default_manager.filter(**self.user["filter"]).first())  # noqa: SLF001
        return client.cookies


def first_access() -> Access:
    """Return how to begin: a session of the baked superuser where the project has sessions, https where it insists."""
    is_secure = bool(settings.SECURE_SSL_REDIRECT)
    model = user_model()
    if model is None or not has_sessions():
        return Access(is_secure=is_secure)
    name_field = str(getattr(model, "USERNAME_FIELD", "username"))
    users: Any = model._default_manager  # noqa: SLF001
    if not users.filter(**{name_field: username(model)}).exists():
        return Access(is_secure=is_secure)
    user = {"model": model._meta.label, "filter": {name_field: username(model)}}  # noqa: SLF001
    return Access(user=user, is_secure=is_secure)


def further_accesses(access: Access) -> list[Access]:
    """Return what to try where the session alone is refused: a token of REST framework, then its tests' own way."""
    found = []
    for label in _TOKEN_MODELS:
        try:
            bound = binding_of(apps.get_model(label), "key")
        except LookupError:
            continue
        if bound is not None and bound.binding is not None:
            header = {"Authorization": "Token {" + bound.key + "}"}
            found.append(replace(access, headers=header, bindings={bound.key: bound.binding}))
    if apps.is_installed("rest_framework") and access.user is not None:
        found.append(replace(access, is_forced=True))
    return found
