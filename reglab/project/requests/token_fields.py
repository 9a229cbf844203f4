"""Fields that hold a token of a user: by their names, in a table of users or with a key to it."""

from collections.abc import Iterator
from typing import Final

from django.db.models import CharField, ForeignKey, Model, UUIDField

from reglab.project.data.baking.people import user_model

_NAMES: Final = frozenset({"key", "token", "api_key", "apikey", "api_token", "auth_token", "access_token", "token_key"})


def token_fields(model: type[Model]) -> Iterator[str]:
    """Yield the names of a model's fields that hold a token of a user."""
    if owner_field(model) is not None:
        fields = model._meta.concrete_fields  # noqa: SLF001  # Django's public name for it
        yield from (one.name for one in fields if one.name in _NAMES and isinstance(one, CharField | UUIDField))


def owner_field(model: type[Model]) -> str | None:
    """Return the name of a model's first key to users, empty for the model of users itself; None where it has none."""
    users = user_model()
    if users is None or model is users:
        return None if users is None else ""
    fields = model._meta.concrete_fields  # noqa: SLF001
    keys = (one.name for one in fields if isinstance(one, ForeignKey) and one.remote_field.model is users)
    return next(keys, None)
