"""Users of the data as callers: one of each role, and those that the suite's scenarios log in as.

Users that an audit makes belong to nobody and have no role: what a role may do, and what is allowed inside one
organisation, shows to users of the data alone.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from django.apps import apps
from django.db import models

from reglab.access.callers import Caller
from reglab.access.credentials import Credentials
from reglab.config.suite import SuiteFile
from reglab.project.data.baking.people import user_model
from reglab.project.requests.binding import first_row
from reglab.project.requests.scenario_user import scenario_logins
from reglab.project.requests.token_fields import owner_field

_ROLES_MAX: Final = 6
_OF_ROLE: Final = 2
_LOGINS_MAX: Final = 3
# Choices of a user's that say nothing of what they may do.
_NO_ROLES: Final = re.compile(
    r"lang|locale|time_?zone|^tz$|country|currency|gender|^sex$|salutation|title|theme|colou?r|format|frequency",
    re.IGNORECASE,
)
_ORDINARY: Final = {"is_active": True, "is_superuser": False}


def data_users(file: SuiteFile, credentials: Credentials) -> Iterator[Caller]:
    """Yield callers for each value of a choice of the user model that ordinary users of the data have, and logins."""
    users = user_model()
    if users is None:
        return
    seen: set[Any] = set()
    for name, user in (*_by_role(users), *_by_membership(users), *_by_login(file)):
        if user.pk not in seen:
            seen.add(user.pk)
            yield Caller(name=name, user=user, headers=credentials.of(user))


def _by_role(users: type[models.Model]) -> Iterator[tuple[str, Any]]:
    fields = users._meta.concrete_fields  # noqa: SLF001  # Django's public name for it
    names = {one.name for one in fields}
    rows: Any = models.QuerySet(users).order_by("pk")
    rows = rows.filter(**{name: value for name, value in _ORDINARY.items() if name in names})
    for one in fields:
        values = [] if _NO_ROLES.search(one.name) else _choices(one)
        for value in values[:_ROLES_MAX] if len(values) > 1 else ():
            # The second may be a colleague of the first: what is one's own, and what is everybody's of the role.
            for number, user in enumerate(rows.filter(**{one.name: value})[:_OF_ROLE], start=1):
                yield f"{one.name} {value}{f' {number}' if number > 1 else ''}", user


def _by_membership(users: type[models.Model]) -> Iterator[tuple[str, Any]]:
    """Yield a user of each role that rows of another model give: the members of an organisation."""
    for model in apps.get_models():
        owner = owner_field(model)
        roles = [one for one in model._meta.concrete_fields if "role" in one.name and one.choices]  # noqa: SLF001
        for one in roles if owner and model is not users else ():
            for value in _choices(one)[:_ROLES_MAX]:
                rows: Any = models.QuerySet(model).filter(**{one.name: value}).order_by("pk")
                if (row := rows.first()) is not None and (user := getattr(row, owner or "", None)) is not None:
                    yield f"{model._meta.model_name} {one.name} {value}", user  # noqa: SLF001


def _choices(field: Any) -> list[Any]:
    return [value for value, _ in field.flatchoices if value not in (None, "")] if field.choices else []


def _by_login(file: SuiteFile) -> Iterator[tuple[str, Any]]:
    for scenario, login in islice(scenario_logins(file.suite).items(), _LOGINS_MAX):
        where = f"{file.path}: scenario {scenario!r}: login"
        user = first_row(model=login.model, filters=login.filter, order_by=("pk",), index=0, where=where)
        yield f"login {' '.join(str(text) for text in login.filter.values())}".strip(), user
