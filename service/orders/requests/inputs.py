"""Checks of what a request asks for, before any query: each refusal names the parameter or the field."""

import re
from collections.abc import Collection, Iterable

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

DIGITS = re.compile(r"[0-9]+", re.ASCII)
# Beyond the digits of a signed 64-bit integer the exact value no longer matters (and int() would refuse 4,301).
MANY_DIGITS = 19
SHOWN_NAMES = 20
SHOWN_CHARACTERS = 100


def printable(name: str) -> str:
    """Return `name` short and encodable: a client may send 10,000 characters or half a surrogate pair."""
    return name[:SHOWN_CHARACTERS].encode("utf-8", "backslashreplace").decode()


def refuse_unknown(names: Iterable[str], *, message: str) -> None:
    """Raise a 400 that names each of `names`, if there is any."""
    unknown = sorted(names)[:SHOWN_NAMES]
    if unknown:
        raise ValidationError({printable(name): [message] for name in unknown}, code="unknown")


def check_query(request: Request, *, known: Collection[str], may_be_empty: Collection[str] = ()) -> None:
    """Raise a 400 for a query parameter that is unknown, repeated or empty: ignoring it would mislead."""
    query = request.query_params
    refuse_unknown(query.keys() - set(known), message="Unknown query parameter.")
    repeated = [name for name, values in query.lists() if len(values) > 1]
    refuse_unknown(repeated, message="Give this query parameter only once.")
    empty = [name for name, value in query.items() if not value and name not in may_be_empty]
    refuse_unknown(empty, message="This query parameter is empty.")


def check_no_body(request: Request) -> None:
    """Raise a 400 for JSON sent to an endpoint that takes no body; other bodies are nobody's fields and not read."""
    if request.content_type.partition(";")[0].strip().lower() != "application/json" or not request.data:
        return
    if isinstance(request.data, dict):
        refuse_unknown(request.data, message="Unknown field.")
    raise ValidationError({"non_field_errors": ["This endpoint takes no body."]})


def whole_number(request: Request, name: str, *, default: int, minimum: int = 1, maximum: int | None = None) -> int:
    """Return a query parameter as an integer within its bounds, or raise a 400 that names it."""
    raw = request.query_params.get(name)
    if raw is None:
        return default
    if not DIGITS.fullmatch(raw):
        raise ValidationError({name: ["A valid integer is required."]}, code="invalid")
    value = int(raw) if len(raw) < MANY_DIGITS else 10**MANY_DIGITS
    if value < minimum:
        raise ValidationError({name: [f"Ensure this value is greater than or equal to {minimum}."]}, code="min_value")
    if maximum is not None and value > maximum:
        raise ValidationError({name: [f"Ensure this value is less than or equal to {maximum}."]}, code="max_value")
    return value
