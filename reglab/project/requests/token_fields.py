"""Fields that hold a token of a user, or its digest: by their names, in a table of users or with a key to it."""

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from django.db.models import CharField, ForeignKey, Model, UUIDField

from reglab.project.data.baking.people import user_model

_NAMES: Final = frozenset({"key", "token", "api_key", "apikey", "api_token", "auth_token", "access_token", "token_key"})
_OF_DIGESTS: Final = re.compile(r"(^|_)(hash(ed)?|digest)(_|$)")
_OF_TOKENS: Final = re.compile(r"key|token", re.IGNORECASE)
# Digits of a digest in hexadecimal, and what makes as many.
_HASHES: Final = {32: hashlib.md5, 40: hashlib.sha1, 64: hashlib.sha256, 96: hashlib.sha384, 128: hashlib.sha512}
_NUMBERS: Final = range(1000)


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


def digest_fields(model: type[Model]) -> Iterator[str]:
    """Yield the names of a model's fields that hold the digest of a token: of a user's, or of a key's table."""
    name = str(model._meta.object_name)  # noqa: SLF001
    if model is not user_model() and (owner_field(model) is not None or _OF_TOKENS.search(name)):
        yield from (one.name for one in model._meta.concrete_fields if is_of_digests(one))  # noqa: SLF001


def is_of_digests(field: Any) -> bool:
    """Tell whether a field is called as one that holds the digest of a token, and is as long as one."""
    is_called_so = bool(_OF_DIGESTS.search(field.name)) and "password" not in field.name
    return isinstance(field, CharField) and is_called_so and (field.max_length or 0) >= min(_HASHES)


def token_of_row(number: int) -> str:
    """Return the token of row `number` of the drafted data."""
    return f"reglab-token-{number}"


def digest_of(token: str, *, length: int) -> str:
    """Return the digest of a token for a field of this length: SHA-256 where no hash function is just so long."""
    made = _HASHES.get(length) or next((_HASHES[size] for size in (64, 40, 32) if size <= length), hashlib.md5)
    return str(made(token.encode()).hexdigest())


@cache
def token_behind(digest: str) -> str | None:
    """Return the token of the drafted data that has this digest, or None where it is not one of theirs."""
    tokens = (token_of_row(number) for number in _NUMBERS)
    return next((token for token in tokens if digest_of(token, length=len(digest)) == digest), None)
