"""Callers that are members of the tenant whose rows the scenarios ask for, and have no rights there.

A user whom an audit makes belongs to no organisation: where the project turns strangers away, what a member may do, and
what takes a group, shows to a member alone.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

from django.apps import apps
from django.db import DatabaseError, models, transaction

from reglab.access.callers import Caller, made_user
from reglab.access.credentials import Credentials
from reglab.config.suite import SuiteFile
from reglab.project.data.baking.people import user_model
from reglab.project.requests.binding import first_row

_GROUPS_MAX: Final = 3
_OF_DJANGO: Final = frozenset({"auth", "contenttypes", "sessions", "admin"})
Links = Mapping[str, models.Model]


def colleagues(file: SuiteFile, credentials: Credentials) -> tuple[list[Caller], list[str]]:
    """Make a plain member, one of each group and one of the staff; none where users belong to nothing.

    Returns them, and why one could not be made, by name, where the project refuses it.
    """
    made: list[Caller] = []
    refused: list[str] = []
    users = user_model()
    main = main_user(file)
    links, profiles = (links_of(users, main, file), list(_profiles(users, main))) if users else ({}, [])
    if users is None or not (links or profiles):
        return made, refused
    for name, rights, group in _kinds(users):
        try:
            with transaction.atomic():
                user = made_user(name.replace(" ", "-"), **rights, **links)
                for profile in profiles:
                    _copy(profile, user)
                if group is not None:
                    user.groups.add(group)
                made.append(Caller(name=name, user=user, headers=credentials.of(user)))
        except (DatabaseError, TypeError, ValueError, AttributeError) as error:
            # A user model that takes more: those of the data are callers still.
            refused.append(f"{name} ({type(error).__name__}: {str(error).strip().partition(chr(10))[0]})")
    return made, refused


def main_user(file: SuiteFile) -> Any:
    """Return the user whom the suite's requests are sent as, if it names one."""
    login = file.suite.login
    if login is None:
        return None
    return first_row(model=login.model, filters=login.filter, order_by=("pk",), index=0, where=f"{file.path}: login")


def links_of(users: type[models.Model], main: Any, file: SuiteFile) -> Links:
    """Return the rows that a member belongs to, by the field of the user model.

    Those are what the suite's own user belongs to, else the row of that model that the suite binds, else the first.
    """
    found = {}
    for one in users._meta.concrete_fields:  # noqa: SLF001  # Django's public name for it
        if not isinstance(one, models.ForeignKey) or isinstance(one, models.OneToOneField):
            continue
        related: Any = one.related_model
        if related is users or related._meta.app_label in _OF_DJANGO:  # noqa: SLF001
            continue
        row = (getattr(main, one.name) if main is not None else None) or _bound(related, file)
        if row is not None:
            found[one.name] = row
    return found


def _bound(related: type[models.Model], file: SuiteFile) -> models.Model | None:
    for name, binding in file.suite.bindings.items():
        if apps.get_model(binding.model) is related:
            where = f"{file.path}: binding {name!r}"
            return first_row(  # type: ignore[no-any-return]
                model=binding.model, filters=binding.filter, order_by=binding.order_by, index=binding.index, where=where
            )
    rows: models.QuerySet[Any] = models.QuerySet(related)
    return rows.order_by("pk").first()


def _profiles(users: type[models.Model], main: Any) -> Iterator[tuple[str, models.Model]]:
    """Yield the rows that say for the suite's user alone what they belong to, each with its field for the user."""
    for model in apps.get_models() if main is not None else ():
        fields = model._meta.concrete_fields  # noqa: SLF001
        owner = next(
            (one for one in fields if isinstance(one, models.OneToOneField) and one.related_model is users), None
        )
        if owner is None or not any(isinstance(one, models.ForeignKey) and one is not owner for one in fields):
            continue
        rows: models.QuerySet[Any] = models.QuerySet(model)
        if (row := rows.filter(**{owner.name: main}).first()) is not None:
            yield owner.name, row


def _copy(profile: tuple[str, models.Model], user: Any) -> None:
    owner, row = profile
    model: Any = type(row)
    values = {one.attname: getattr(row, one.attname) for one in model._meta.concrete_fields}  # noqa: SLF001
    del values[model._meta.pk.attname]  # noqa: SLF001
    values[f"{owner}_id"] = user.pk
    # One that a signal has made is filled in.
    models.QuerySet(model).update_or_create(**{owner: user}, defaults=values)


def _kinds(users: type[models.Model]) -> Iterator[tuple[str, dict[str, Any], Any]]:
    yield "colleague", {}, None
    if hasattr(users, "groups") and apps.is_installed("django.contrib.auth"):
        groups: Any = models.QuerySet(apps.get_model("auth", "Group")).order_by("pk")
        for group in islice(groups, _GROUPS_MAX):
            yield f"colleague in {group.name}", {}, group
    yield "colleague on the staff", {"is_staff": True}, None
