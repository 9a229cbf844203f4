"""Users of the baked data: a superuser that requests are sent as, and others beside it."""

import re
from functools import lru_cache
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ImproperlyConfigured
from django.db import models

NAME: Final = "reglab"
PASSWORD: Final = "reglab"  # noqa: S105  # of a baked user, in a database that is dropped
EMAIL: Final = "reglab@example.com"
# What a role is called that may do most, the mightiest first.
_MIGHTY: Final = (
    "owner",
    "superuser",
    "superadmin",
    "admin",
    "administrator",
    "manager",
    "director",
    "lead",
    "leader",
    "chief",
    "head",
    "maintainer",
    "supervisor",
    "moderator",
    "editor",
    "staff",
)
_WORD: Final = re.compile(r"[a-z]+")
_RIGHTS: Final = ("is_superuser", "is_staff", "is_active", "is_admin", "is_verified", "email_verified")


def user_model() -> type[models.Model] | None:
    """Return the project's user model, or None where it has no users."""
    if not apps.is_installed("django.contrib.auth") and "." not in getattr(settings, "AUTH_USER_MODEL", ""):
        return None
    try:
        return get_user_model()
    except (ImproperlyConfigured, LookupError):
        return None


def user_values(model: type[models.Model], number: int) -> dict[str, Any]:
    """Return what makes row `number` a user: the first is the superuser, all have names of their own."""
    fields = {field.name for field in model._meta.concrete_fields}  # noqa: SLF001  # Django's public name for it
    is_first = number == 0
    wanted: dict[str, Any] = {
        "username": NAME if is_first else f"user-{number:04d}",
        "email": EMAIL if is_first else f"user-{number:04d}@example.com",
        "password": _password(),
        "is_active": True,
    }
    if is_first:
        wanted |= dict.fromkeys(_RIGHTS, True) | powers_in(model)
    wanted[str(getattr(model, "USERNAME_FIELD", "username"))] = username(model) if is_first else _other(model, number)
    return {name: value for name, value in wanted.items() if name in fields}


def powers_in(model: type[models.Model]) -> dict[str, Any]:
    """Return what a row of a superuser has that gives power: the mightiest role, and the flags that are called so.

    A project may ask the role that somebody has in a team, and pass over who is superuser.
    """
    found: dict[str, Any] = {}
    for one in model._meta.concrete_fields:  # noqa: SLF001  # Django's public name for it
        if isinstance(one, models.BooleanField):
            if set(_WORD.findall(one.name.lower())) & set(_MIGHTY):
                found[one.name] = True
        elif roles := {_role(key, label): key for key, label in reversed(one.flatchoices)}:
            found.update((one.name, roles[word]) for word in reversed(_MIGHTY) if word in roles)
    return found


def _role(key: Any, label: Any) -> str:
    """Return the word of a choice that may be a role's name: the last of its key, or of its label where that tells."""
    words = [*_WORD.findall(str(label).lower())[-1:], *_WORD.findall(str(key).lower())[-1:]]
    return next((word for word in reversed(words) if word in _MIGHTY), "")


def username(model: type[models.Model]) -> str:
    """Return how the superuser logs in."""
    return EMAIL if "email" in str(getattr(model, "USERNAME_FIELD", "username")) else NAME


def _other(model: type[models.Model], number: int) -> str:
    return f"user-{number:04d}" + ("@example.com" if username(model) == EMAIL else "")


@lru_cache(maxsize=1)
def _password() -> str:
    # With a salt of its own each process would hash to another text.
    return make_password(PASSWORD, salt="reglabreglabreglab0000")
