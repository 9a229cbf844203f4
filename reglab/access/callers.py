"""Kinds of callers: who asks, and how they prove it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from importlib import import_module
from typing import Any, Final
from urllib.parse import urlencode
from zlib import crc32

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import DatabaseError, models, transaction
from django.test import Client
from django.test.client import ClientHandler

from reglab.config.suite import Scenario, SuiteFile
from reglab.project.data.baking.people import user_model
from reglab.project.data.baking.values import LEAVE, value_of
from reglab.project.data.superuser import has_sessions
from reglab.project.requests.binding import first_row, names_in

NOBODY: Final = "nobody"
WRONG_TOKEN: Final = "wrong token"  # noqa: S105  # the name of a caller
FOREIGN_HOST: Final = "foreign host"
FORGED_FORM: Final = "forged form"
NO_USERS: Final = "the project has no model of users"
# What Django names a permission by, and what its holder is called here.
_HOLDERS: Final = {"view": "viewer", "add": "adder", "change": "changer", "delete": "deleter"}
# They can tell nothing new where nothing is written.
WRITERS: Final = frozenset({"adder", "changer", "deleter"})
# Of them the statements are counted: who is let in, and who is refused.
COUNTED: Final = frozenset({"superuser", WRONG_TOKEN})
# A caller with all rights on one model is called after it.
ONE_MODEL: Final = "only "
_MODELS_MAX: Final = 4
_ELSEWHERE: Final = "foreign.example"
_TOKEN_APP: Final = "rest_framework.authtoken"  # noqa: S105  # the name of an app
_KNOX: Final = "knox"
_JWT: Final = "rest_framework_simplejwt"
_WRONG: Final = "0123456789abcdef0123456789abcdef01234567"
# A token that is over for long would be refused in a time of grace, too.
_JUST_OVER: Final = timedelta(minutes=-1)
_TOKEN_PARAMETERS: Final = ("token", "access_token", "auth_token", "auth", "api_key", "apikey", "key")
# Behind the rows that a dataset has made.
_FIRST_NUMBER: Final = 1_000_000
# Another name than the data's own superuser has: nobody logs in with it, sessions and tokens are made directly.
_NAME: Final = "reglab-caller-{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One kind of caller: a row of users, if it is one, and the headers it sends.

    `query` goes after each path. `checks_csrf` callers have a session alone, and send no token against forgery.
    """

    name: str
    user: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    checks_csrf: bool = False
    _cookies: dict[str, str] = field(default_factory=dict)

    def client(self) -> Client:
        """Return a client that is logged in where the caller is a user: each time with the same session."""
        client = Client(raise_request_exception=False)
        # A client's own handler would set all of the middleware up again.
        client.handler = _handler(enforce_csrf_checks=self.checks_csrf)
        if self.user is not None and has_sessions():
            if not self._cookies:
                client.force_login(self.user)
                self._cookies.update({name: morsel.value for name, morsel in client.cookies.items()})
            client.cookies.load(self._cookies)
        return client

    def secrets(self) -> tuple[str, ...]:
        """Return what proves the caller: the token of a header, the key of a session."""
        token = self.headers.get("Authorization", "").rpartition(" ")[2]
        return tuple(secret for secret in (token, *self._cookies.values()) if secret)

    def log_in(self) -> None:
        """Make the session, if the caller has one, before anything is undone."""
        self.client()


@cache
def _handler(*, enforce_csrf_checks: bool) -> ClientHandler:
    return ClientHandler(enforce_csrf_checks=enforce_csrf_checks)


def callers(own_models: Sequence[type[models.Model]] = ()) -> tuple[Caller, ...]:
    """Make the users that are needed, and return the callers, least rights first.

    `own_models` are the project's: of the first few, a caller has all rights on one alone.

    Raises CannotMakeUsersError, which has the callers without a user, for a user model that a name alone cannot fill.
    """
    nobodies = (
        Caller(name=NOBODY),
        Caller(name=WRONG_TOKEN, headers={"Authorization": f"{_keyword()} {_WRONG}"}),
    )
    if user_model() is None:
        raise CannotMakeUsersError(NO_USERS, nobodies)
    try:
        with transaction.atomic():
            return (*nobodies, *_users(own_models[:_MODELS_MAX]))
    except (DatabaseError, TypeError, ValueError, AttributeError) as error:
        reason = str(error).strip().partition("\n")[0]
        said = f"the user model takes more than a name ({type(error).__name__}: {reason})"
        raise CannotMakeUsersError(said, nobodies) from None


class CannotMakeUsersError(Exception):
    """No user can be made, for the reason given: `callers` are those who need none."""

    def __init__(self, reason: str, callers: tuple[Caller, ...]) -> None:
        self.callers = callers
        super().__init__(reason)


def _users(own_models: Sequence[type[models.Model]]) -> Iterator[Caller]:
    user, staff = _made("user"), _made("staff", is_staff=True)
    superuser = _made("superuser", is_staff=True, is_superuser=True)
    rights = _token_header(superuser)
    yield Caller(name="inactive user", user=(gone := _made("inactive", is_active=False)), headers=_token_header(gone))
    if expired := _expired_header(superuser):
        yield Caller(name="expired token", headers=expired)
    if token := rights.get("Authorization", "").rpartition(" ")[2]:
        # A URL is written into logs and histories: what it holds must prove nobody.
        yield Caller(name="token in the URL", query=urlencode(dict.fromkeys(_TOKEN_PARAMETERS, token)))
    yield Caller(name=FOREIGN_HOST, user=superuser, headers={**rights, "Host": _ELSEWHERE})
    if has_sessions():
        yield Caller(name=FORGED_FORM, user=superuser, checks_csrf=True)
        yield Caller(name="session", user=superuser)
    yield Caller(name="user", user=user, headers=_token_header(user))
    for verb, name in _HOLDERS.items():
        holder = _made(name)
        if _give(holder, codename__startswith=f"{verb}_"):
            yield Caller(name=name, user=holder, headers=_token_header(holder))
    for model in own_models:
        label = model._meta.model_name or ""  # noqa: SLF001  # Django's public name for it
        # A model of users has the name of another caller.
        holder = _made(f"{ONE_MODEL.strip()}-{label}")
        if _give(holder, content_type__app_label=model._meta.app_label, content_type__model=label):  # noqa: SLF001
            yield Caller(name=f"{ONE_MODEL}{label}", user=holder, headers=_token_header(holder))
    yield Caller(name="staff", user=staff, headers=_token_header(staff))
    yield Caller(name="foreign page", user=superuser, headers={**rights, "Origin": f"https://{_ELSEWHERE}"})
    yield Caller(name="superuser", user=superuser, headers=rights)


def right_holder() -> Caller | None:
    """Make a user with every permission who is no superuser; None where permissions cannot be given."""
    holder = _made("holder")
    return Caller(name="right holder", user=holder, headers=_token_header(holder)) if _give(holder) else None


def _give(holder: Any, **chosen: str) -> bool:
    """Give a user some of Django's permissions; False where the user model has none to give."""
    if not hasattr(holder, "user_permissions"):
        return False
    holder.user_permissions.set(apps.get_model("auth", "Permission").objects.filter(**chosen))
    return True


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
        values.setdefault("is_active", True)
    values |= {name: value for name, value in _needed(model, kind) if name not in values}
    user = model._default_manager.create(**values)  # noqa: SLF001
    if hasattr(user, "set_unusable_password"):
        user.set_unusable_password()
        user.save()
    return user


def _needed(model: Any, kind: str) -> Iterator[tuple[str, Any]]:
    """Yield what a user model asks for beside a name: values of required and of unique columns, another a caller."""
    number = _FIRST_NUMBER + crc32(kind.encode()) % _FIRST_NUMBER
    fields: tuple[Any, ...] = model._meta.concrete_fields  # noqa: SLF001  # Django's public name for it
    for one in fields:
        may_stay = one.null or one.has_default() or (one.blank and not one.unique)
        if one.primary_key or may_stay:
            continue
        if isinstance(one, models.ForeignKey):
            rows: models.QuerySet[Any] = models.QuerySet(one.remote_field.model)
            if (row := rows.order_by("pk").first()) is not None:
                yield one.name, row
        elif (value := value_of(one, number)) is not LEAVE:
            yield one.name, value


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


def _expired_header(user: Any) -> dict[str, str]:
    """Return the header of a token whose time is over, for the packages whose tokens have one."""
    if apps.is_installed(_KNOX):
        from knox.models import get_token_model

        return {"Authorization": f"{_keyword()} {get_token_model().objects.create(user, expiry=_JUST_OVER)[1]}"}
    if apps.is_installed(_JWT):
        token = import_module("rest_framework_simplejwt.tokens").AccessToken.for_user(user)
        token.set_exp(lifetime=_JUST_OVER)
        return {"Authorization": f"{_keyword()} {token}"}
    return {}


def _keys_to_users(model: type[models.Model]) -> Iterator[Any]:
    users = get_user_model()
    return (
        field
        for field in model._meta.concrete_fields  # noqa: SLF001
        if isinstance(field, models.ForeignKey) and field.related_model is users
    )
