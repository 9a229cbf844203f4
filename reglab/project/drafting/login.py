"""User of the drafted requests: a baked superuser, by session, by token, or let in as an API's own tests do."""

import http.cookies
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.db.models import Model

from reglab.project.data.baking.people import user_model, username
from reglab.project.data.superuser import has_sessions
from reglab.project.drafting.parameters import Bound, binding_of
from reglab.project.drafting.probe import Observe, Prober
from reglab.project.drafting.tenant_headers import tenant_headers
from reglab.project.requests.forced_user import can_force, login_cookies
from reglab.project.requests.token_fields import digest_fields, token_behind, token_fields

# A header, and what stands before the token in it.
_SCHEMES_OF_REST_FRAMEWORK: Final = (("Authorization", "Token "),)
_SCHEMES: Final = (("Authorization", "Bearer "), ("Authorization", "Token "), ("X-API-Key", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How every request of a draft is sent. `headers` are as the suite writes them, with their bindings.

    `has_token` says that one of them proves who asks.
    """

    user: Mapping[str, Any] | None = None
    headers: Mapping[str, str] | None = None
    bindings: Mapping[str, Mapping[str, Any]] | None = None
    has_token: bool = False
    is_forced: bool = False
    is_secure: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether it is found out already how a user is let in where a session is refused."""
        return self.has_token or self.is_forced

    def sending(self, header: str, text: str, bound: Bound) -> "Access":
        """Return the same with one header more, `text` with the binding in braces."""
        headers = {**(self.headers or {}), header: text}
        return replace(self, headers=headers, bindings={**(self.bindings or {}), bound.key: dict(bound.binding or {})})

    @property
    def credentials(self) -> frozenset[str]:
        """The tables of the tokens and tenants in the headers."""
        labels = {str(one["model"]) for one in (self.bindings or {}).values() if "model" in one}
        return frozenset(apps.get_model(label)._meta.db_table for label in labels)  # noqa: SLF001

    def prober(self, *, observe: Observe) -> Prober:
        """Return what sends requests in this way, on the present databases."""
        return Prober(cookies=self.cookies(), observe=observe, credentials=self.credentials)

    def cookies(self) -> http.cookies.SimpleCookie:
        """Log the user in on the present databases, and return the cookies of that."""
        if self.user is None:
            return http.cookies.SimpleCookie()
        model: Any = apps.get_model(self.user["model"])
        user = model._default_manager.filter(**self.user["filter"]).first()  # noqa: SLF001
        return login_cookies(user, is_forced=self.is_forced)


def first_access() -> Access:
    """Return how to begin: a session of the baked superuser where the project has sessions, https where it insists.

    A header that says which tenant is meant is sent from the beginning: without it nothing is answered.
    """
    access = Access(user=_superuser() if has_sessions() else None, is_secure=bool(settings.SECURE_SSL_REDIRECT))
    for header, bound in tenant_headers():
        access = access.sending(header, "{" + bound.key + "}", bound)
    return access


def _superuser() -> Mapping[str, Any] | None:
    """Return how to find the baked superuser, or None where there is none."""
    model = user_model()
    if model is None:
        return None
    name_field = str(getattr(model, "USERNAME_FIELD", "username"))
    users: Any = model._default_manager  # noqa: SLF001
    if not users.filter(**{name_field: username(model)}).exists():
        return None
    return {"model": model._meta.label, "filter": {name_field: username(model)}}  # noqa: SLF001


def further_accesses(access: Access) -> Iterator[Access]:
    """Yield what to try where the session alone is refused: a token of the project's, then a user let in by force."""
    for bound, (header, before) in _tokens():
        yield replace(access.sending(header, before + "{" + bound.key + "}", bound), has_token=True)
    if can_force() and (user := access.user or _superuser()) is not None:
        yield replace(access, user=user, is_forced=True)


def _tokens() -> Iterator[tuple[Bound, tuple[str, str]]]:
    """Yield the superuser's tokens, each with a header that it may be sent in."""
    for model in apps.get_models():
        schemes = _SCHEMES_OF_REST_FRAMEWORK if model._meta.label == "authtoken.Token" else _SCHEMES  # noqa: SLF001
        for bound in (*(binding_of(model, name) for name in token_fields(model)), *_behind_digests(model)):
            if bound is not None and bound.binding is not None:
                yield from ((bound, scheme) for scheme in schemes)


def _behind_digests(model: type[Model]) -> Iterator[Bound]:
    """Yield the tokens of which a table keeps the digest alone."""
    for name in digest_fields(model):
        bound = binding_of(model, name)
        token = token_behind(bound.text) if bound is not None else None
        if bound is not None and bound.binding is not None and token is not None:
            yield Bound(key=f"{bound.key}_token", binding={**bound.binding, "hashed": True}, text=token)
