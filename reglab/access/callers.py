"""Kinds of callers: who asks, and how they prove it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import DatabaseError, models, transaction
from django.test import Client

from reglab.config.suite import Scenario, SuiteFile
from reglab.project.requests.binding import first_row, names_in

NOBODY: Final = "nobody"
_TOKEN_APP: Final = "rest_framework.authtoken"  # noqa: S105  # the name of an app
_KNOX: Final = "knox"
_JWT: Final = "rest_framework_simplejwt"
_WRONG: Final = "0123456789abcdef0123456789abcdef01234567"
# Beyond the lengths that hashing needs: nobody logs in with it, sessions and tokens are made directly.
_NAME: Final = "reglab-{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One kind of caller: a row of users, if it is one, and the headers it sends.

    `checks_csrf` callers have a session alone, and send no token against forgery.
    """

    name: str
    user: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    checks_csrf: bool = False

    def client(self) -> Client:
        """Return a client that is logged in where the caller is a user."""
        client = Client(enforce_csrf_checks=self.checks_csrf, raise_request_exception=False)
        if self.user is not None:
            client.force_login(self.user)
        return client


def callers() -> tuple[Caller, ...]:
    """Make the users that are needed, and return the callers, least rights first.

    A user model that cannot be filled with a name alone leaves those without a user.
    """
    nobodies = (
        Caller(name=NOBODY),
        Caller(name="wrong token", headers={"Authorization": f"{_keyword()} {_WRONG}"}),
    )
    try:
        with transaction.atomic():
            user = _made("user")
            staff = _made("staff", is_staff=True)
            superuser = _made("superuser", is_staff=True, is_superuser=True)
    except (DatabaseError, TypeError, ValueError, AttributeError):
        return nobodies
    return (
        *nobodies,
        Caller(name="forged form", user=superuser, checks_csrf=True),
        *(
            Caller(name=name, user=row, headers=_token_header(row))
            for name, row in (("user", user), ("staff", staff), ("superuser", superuser))
        ),
    )


def owner_of(file: SuiteFile, scenario: Scenario) -> Caller | None:
    """Return the user that owns the row which a scenario asks for: who its one foreign key to users points at."""
    names = names_in([step.request for step in scenario.all_steps])
    for name, binding in {**file.suite.bindings, **scenario.bindings}.items():
        if name not in names:
            continue
        for foreign_key in _keys_to_users(apps.get_model(binding.model)):
            row = first_row(
                model=binding.model,
                filters=binding.filter,
                order_by=binding.order_by,
                index=binding.index,
                where=f"{file.path}: binding {name!r}",
            )
            if (user := getattr(row, foreign_key.name)) is not None:
                return Caller(name="owner", user=user, headers=_token_header(user))
    return None


def _made(kind: str, **rights: bool) -> Any:
    model = get_user_model()
    name = _NAME.format(kind)
    known = {one.name for one in model._meta.get_fields()}  # noqa: SLF001  # Django's public name for it
    values: dict[str, Any] = {model.USERNAME_FIELD: name}
    if "email" in known:
        values["email"] = f"{name}@example.test"
    if model.USERNAME_FIELD == "email":
        values = {"email": f"{name}@example.test"}
    values |= {right: value for right, value in rights.items() if right in known}
    if "is_active" in known:
        values["is_active"] = True
    user = model._default_manager.create(**values)  # noqa: SLF001
    if hasattr(user, "set_unusable_password"):
        user.set_unusable_password()
        user.save()
    return user


def _keyword() -> str:
    return "Token" if any(apps.is_installed(app) for app in (_TOKEN_APP, _KNOX)) else "Bearer"


def _token_header(user: Any) -> dict[str, str]:
    """Return the header that proves a user by a token, for the packages of tokens that the project has."""
    if apps.is_installed(_KNOX):
        from knox.models import get_token_model

        return {"Authorization": f"{_keyword()} {get_token_model().objects.create(user)[1]}"}
    if apps.is_installed(_TOKEN_APP):
        from rest_framework.authtoken.models import Token

        return {"Authorization": f"{_keyword()} {Token.objects.get_or_create(user=user)[0].key}"}
    if apps.is_installed(_JWT):
        tokens = import_module("rest_framework_simplejwt.tokens")  # the project's own package, not ours
        return {"Authorization": f"{_keyword()} {tokens.AccessToken.for_user(user)}"}
    return {}


def _keys_to_users(model: type[models.Model]) -> Iterator[Any]:
    users = get_user_model()
    return (
        field
        for field in model._meta.concrete_fields  # noqa: SLF001
        if isinstance(field, models.ForeignKey) and field.related_model is users
    )
