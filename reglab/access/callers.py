"""Kinds of callers: who asks, and how they prove it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode
from zlib import crc32

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import DatabaseError, models, transaction
from django.test import Client
from django.test.client import ClientHandler

from reglab.access.credentials import Credentials, token_in
from reglab.config.suite import Scenario, SuiteFile
from reglab.project.data.baking.people import user_model
from reglab.project.data.baking.states import LEAVE
from reglab.project.data.baking.values import value_of
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
        tokens = (token_in(text) for text in self.headers.values())
        return tuple(secret for secret in (*tokens, *self._cookies.values()) if secret)

    def log_in(self) -> None:
        """Make the session, if the caller has one, before anything is undone."""
        self.client()


@cache
def _handler(*, enforce_csrf_checks: bool) -> ClientHandler:
    return ClientHandler(enforce_csrf_checks=enforce_csrf_checks)


def callers(
    own_models: Sequence[type[models.Model]] = (), credentials: Credentials | None = None
) -> tuple[Caller, ...]:
    """Make the users that are needed, and return the callers, least rights first.

    `own_models` are the project's: of the first few, a caller has all rights on one alone. `credentials` say how
    each proves who it is.

    Raises CannotMakeUsersError, which has the callers without a user, for a user model that a name alone cannot fill.
    """
    credentials = credentials or Credentials()
    nobody, wrong = Caller(name=NOBODY), Caller(name=WRONG_TOKEN, headers=credentials.wrong({}))
    if user_model() is None:
        raise CannotMakeUsersError(NO_USERS, (nobody, wrong))
    try:
        with transaction.atomic():
            users = tuple(_users(own_models[:_MODELS_MAX], credentials))
    except (DatabaseError, TypeError, ValueError, AttributeError) as error:
        reason = str(error).strip().partition("\n")[0]
        said = f"the user model takes more than a name ({type(error).__name__}: {reason})"
        raise CannotMakeUsersError(said, (nobody, wrong)) from None
    return (nobody, replace(wrong, headers=credentials.wrong(users[-1].headers)), *users)


class CannotMakeUsersError(Exception):
    """No user can be made, for the reason given: `callers` are those who need none."""

    def __init__(self, reason: str, callers: tuple[Caller, ...]) -> None:
        self.callers = callers
        super().__init__(reason)


def _users(own_models: Sequence[type[models.Model]], credentials: Credentials) -> Iterator[Caller]:
    def caller(name: str, user: Any) -> Caller:
        return Caller(name=name, user=user, headers=credentials.of(user))

    superuser = made_user("superuser", is_staff=True, is_superuser=True)
    rights = credentials.of(superuser)
    yield caller("inactive user", made_user("inactive", is_active=False))
    for name, headers in credentials.former(superuser).items():
        yield Caller(name=name, headers=headers)
    if token := next((token_in(text) for text in rights.values()), ""):
        # A URL is written into logs and histories: what it holds must prove nobody.
        yield Caller(name="token in the URL", query=urlencode(dict.fromkeys(_TOKEN_PARAMETERS, token)))
    yield Caller(name=FOREIGN_HOST, user=superuser, headers={**rights, "Host": _ELSEWHERE})
    if has_sessions():
        yield Caller(name=FORGED_FORM, user=superuser, checks_csrf=True)
        yield Caller(name="session", user=superuser)
    yield caller("user", made_user("user"))
    for verb, name in _HOLDERS.items():
        holder = made_user(name)
        if _give(holder, codename__startswith=f"{verb}_"):
            yield caller(name, holder)
    for model in own_models:
        label = model._meta.model_name or ""  # noqa: SLF001  # Django's public name for it
        # A model of users has the name of another caller.
        holder = made_user(f"{ONE_MODEL.strip()}-{label}")
        if _give(holder, content_type__app_label=model._meta.app_label, content_type__model=label):  # noqa: SLF001
            yield caller(f"{ONE_MODEL}{label}", holder)
    yield caller("staff", made_user("staff", is_staff=True))
    yield Caller(name="foreign page", user=superuser, headers={**rights, "Origin": f"https://{_ELSEWHERE}"})
    yield Caller(name="superuser", user=superuser, headers=rights)


def right_holder(credentials: Credentials) -> Caller | None:
    """Make a user with every permission who is no superuser; None where permissions cannot be given."""
    holder = made_user("holder")
    return Caller(name="right holder", user=holder, headers=credentials.of(holder)) if _give(holder) else None


def _give(holder: Any, **chosen: str) -> bool:
    """Give a user some of Django's permissions; False where the user model has none to give."""
    if not hasattr(holder, "user_permissions"):
        return False
    holder.user_permissions.set(apps.get_model("auth", "Permission").objects.filter(**chosen))
    return True


def owner_of(file: SuiteFile, scenario: Scenario, credentials: Credentials) -> Caller | None:
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
                return Caller(name="owner", user=user, headers=credentials.of(user))
    return None


def made_user(kind: str, **given: Any) -> Any:
    """Make an active user of the project's model, with the values `given` that it has fields for."""
    model = get_user_model()
    name = _NAME.format(kind)
    known = {one.name for one in model._meta.get_fields()}  # noqa: SLF001  # Django's public name for it
    values: dict[str, Any] = {model.USERNAME_FIELD: name}
    if "email" in known:
        values["email"] = f"{name}@example.test"
    if model.USERNAME_FIELD == "email":
        values = {"email": f"{name}@example.test"}
    values |= {name: value for name, value in given.items() if name in known}
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


def _keys_to_users(model: type[models.Model]) -> Iterator[Any]:
    users = get_user_model()
    return (
        field
        for field in model._meta.concrete_fields  # noqa: SLF001
        if isinstance(field, models.ForeignKey) and field.related_model is users
    )
