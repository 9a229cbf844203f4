"""Values for the fields of a model: of the field's kind, within its rules, the same in every process."""

import uuid
from collections.abc import Iterator
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.validators import RegexValidator
from django.db import models

from reglab.config.suite import DEFAULT_CLOCK
from reglab.project.data.baking.examples import example_of
from reglab.project.data.baking.moments import (
    ENDED,
    OPEN,
    STATES,
    has_not_happened,
    is_ending,
    is_later,
    moment_of,
    moment_of_field,
)
from reglab.project.data.baking.people import EMAIL, user_model
from reglab.project.data.baking.states import LEAVE, state_of
from reglab.project.requests.token_fields import digest_of, is_of_digests, token_of_row

_ID_SPACE: Final = uuid.UUID("6f2d9a54-0c1b-4f5e-9a43-6b1f0a6c2026")
_SHOWN: Final = ("active", "enabled", "published", "public", "visible", "live", "approved", "confirmed", "available")
_BY_NAME: Final = {
    "currency": "EUR",
    "country": "DE",
    "language": "en",
    "lang": "en",
    "locale": "en",
    "timezone": "UTC",
    "tz": "UTC",
    "color": "#336699",
    "colour": "#336699",
    "phone": "+4930123456",
    "path": "",
    # Of a table of names and values: as a text and as a number.
    "value": "1",
}
_CODE: Final = ("_class", "_callable", "_function", "_module", "_backend", "dotted_path", "class_path", "import_path")
# Projects of several tenants find the tenant by the host that a request names: the first row has that of the requests.
_HOST_NAMES: Final = frozenset({"domain", "domain_name", "fqdn", "host", "host_name", "hostname", "subdomain"})
_HOST: Final = "testserver"
# Of a UUID's 128 bits the first 32 number the row.
_UUID_REST_BITS: Final = 96
# What a number is called that others have to stay below.
_CEILINGS: Final = frozenset({"max", "maximum", "limit", "quota"})
_CEILING: Final = 100
# One white pixel.
PNG: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8ffff3f0005fe02fe0def46b8"
    "0000000049454e44ae426082"
)


def value_of(field: Any, number: int, *, is_minimal: bool = False) -> Any:
    """Return the value of a plain field in row `number`, or LEAVE where the model's own default is to stand.

    `is_minimal` leaves everything that may be left. Raises ValueError for a field of a kind that nobody here knows.
    """
    if isinstance(field, models.UUIDField):
        # Before its default: uuid4 differs in every process.
        return _uuid(f"{field.model._meta.label}.{field.name}.{number}", number)  # noqa: SLF001
    if isinstance(field, models.BooleanField):
        return _yes_or_no(field, number, is_minimal=is_minimal)
    is_unique = field.unique or bool(field.unique_for_date or field.unique_for_month or field.unique_for_year)
    has_default = field.has_default() and (field.default is not None or field.null)
    chosen = LEAVE if is_minimal and has_default else state_of(field, number)
    may_be_left = (has_default and chosen is LEAVE) or (is_minimal and (field.null or field.blank))
    if getattr(field, "generated", False) or (may_be_left and not is_unique):
        return LEAVE
    if chosen is not LEAVE:
        return chosen
    if field.null and (is_ending(field.name) or _names_code(field) or has_not_happened(field, number)):
        return None
    return next((one for one in _candidates(field, number, is_unique=is_unique) if _is_valid(field, one)), LEAVE)


def value_beside_default(field: Any, number: int) -> Any:
    """Return the value that a plain field would have in row `number` without its default; LEAVE where there is none."""
    try:
        value = value_of(field, number)
        if value is not LEAVE:
            return value
        return next((one for one in _candidates(field, number, is_unique=False) if _is_valid(field, one)), LEAVE)
    except ValueError:
        return LEAVE


def _candidates(field: Any, number: int, *, is_unique: bool) -> Iterator[Any]:
    """Yield values of a field's kind, the likeliest first."""
    makers: tuple[tuple[type, Any], ...] = (
        (models.FileField, lambda: iter([ContentFile(PNG, name=f"{field.name}-{number}.png")])),
        (models.DateTimeField, lambda: iter([moment_of_field(field, number)])),
        (models.DateField, lambda: iter([moment_of_field(field, number).date()])),
        (models.TimeField, lambda: iter([time(18 if is_later(field.name) else 12, number % 60)])),
        (models.DurationField, lambda: iter([timedelta(minutes=number + 1)])),
        (models.IntegerField, lambda: _integers(field, number)),
        (models.DecimalField, lambda: _decimals(field, number)),
        (models.FloatField, lambda: iter([float(number + 1), 0.5, 0.0])),
        (models.GenericIPAddressField, lambda: iter([_address(field, number)])),
        (models.JSONField, lambda: iter([{}, []])),
        (models.BinaryField, lambda: iter([b"\x00"])),
        (models.CharField, lambda: _texts(field, number, is_unique=is_unique)),
        (models.TextField, lambda: _texts(field, number, is_unique=is_unique)),
    )
    if is_of_digests(field):
        yield digest_of(token_of_row(number), length=field.max_length)
    for kind, make in makers:
        if isinstance(field, kind):
            yield from make()
            return
    yield from _of_other_kind(field, number)


def _of_other_kind(field: Any, number: int) -> Iterator[Any]:
    """Yield values of PostgreSQL's fields, then whatever the field's own text form takes, then model_bakery's."""
    name = type(field).__name__
    if hasattr(field, "range_type"):
        yield field.range_type(*_bounds(name, number))
    elif hasattr(field, "base_field"):
        inner = value_of(field.base_field, number) if hasattr(field.base_field, "flatchoices") else None
        yield [] if inner is LEAVE or not getattr(field, "size", True) else [inner]
    if name == "HStoreField":
        yield {}
    if field.null:
        yield None
    from model_bakery.baker import Baker

    try:
        yield Baker(field.model).generate_value(field)
    except Exception as error:  # noqa: BLE001  # whatever a maker of values raises, it has none
        raise ValueError(f"no value can be made for {field.name}, a {name} ({error})") from None


def _bounds(name: str, number: int) -> tuple[Any, Any]:
    """Return the bounds of a range that meets no other row's: rows may be forbidden to overlap."""
    start = moment_of("", 0)
    if name.startswith("DateTime"):
        return start + timedelta(hours=number), start + timedelta(hours=number, minutes=30)
    if name.startswith("Date"):
        return start.date() + timedelta(days=2 * number), start.date() + timedelta(days=2 * number + 1)
    return 10 * number + 1, 10 * number + 6


def has_host(model: type[models.Model]) -> bool:
    """Tell whether a model's rows are found by the host of a request, by the names of its fields."""
    fields = model._meta.concrete_fields  # noqa: SLF001  # Django's public name for it
    return any(one.name in _HOST_NAMES and isinstance(one, models.CharField) for one in fields)


def _texts(field: Any, number: int, *, is_unique: bool) -> Iterator[str]:
    longest = field.max_length or 200
    if number == 0 and field.name in _HOST_NAMES:
        yield _HOST[:longest]
    if not is_unique and (known := _by_name(field.name)):
        yield known[:longest]
    name = field.name.strip("_").replace("_", "-").lower()
    if isinstance(field, models.EmailField) or "email" in field.name:
        yield from _addresses(field, number, is_unique=is_unique)
    if isinstance(field, models.URLField) or name.endswith(("url", "link", "website")):
        yield f"https://example.com/{number:04d}"[:longest]
    if "version" in name:
        yield f"1.0.{number}"[:longest]
    if not isinstance(field, models.EmailField | models.URLField):
        yield f"{name[: max(0, longest - 5)]}-{number:04d}" if longest >= 6 else _short(number, longest)
    for validator in field.validators:
        if isinstance(validator, RegexValidator) and not validator.inverse_match:
            text = example_of(str(getattr(validator.regex, "pattern", validator.regex)), number)
            if text is not None:
                yield text[:longest]
    yield from (f"{number:04d}"[-longest:], _short(number, longest), _short(number, longest).upper())
    yield from (f"192.0.2.{number % 250 + 1}", f"00:00:5e:00:53:{number % 256:02x}", "#336699", "12:00", "en", "EUR")
    yield from (f"https://example.com/{number:04d}", f"a{number}@example.com", "{}", "[]", "a.b", "/")


def _addresses(field: Any, number: int, *, is_unique: bool) -> Iterator[str]:
    """Yield addresses: rows belong to a user by one as they do by a key, half of them to the user who asks."""
    longest = field.max_length or 200
    if number == 0 or not (number % 2 or is_unique or _is_unique_together(field)):
        yield EMAIL[:longest]
    yield f"{field.name.strip('_').replace('_', '-').lower()}-{number:04d}@example.com"[-longest:]


def _is_unique_together(field: Any) -> bool:
    meta = field.model._meta  # noqa: SLF001  # Django's public name for it
    together = (*meta.unique_together, *(one.fields for one in meta.total_unique_constraints))
    return any(field.name in names for names in together)


def _short(number: int, longest: int) -> str:
    """Return a few letters that differ as long as they can."""
    letters = ""
    for _ in range(max(1, min(longest, 4))):
        number, digit = divmod(number, 26)
        letters = chr(ord("a") + digit) + letters
    return letters


def _integers(field: Any, number: int) -> Iterator[int]:
    if "year" in field.name:
        yield DEFAULT_CLOCK.year - number % 5 if not field.unique else 1950 + number
    if set(field.name.lower().split("_")) & _CEILINGS:
        # Of at most one nothing fits: neither a second person nor a word.
        yield _CEILING + number
    yield number + 1
    limits = [one.limit_value for one in field.validators if hasattr(one, "limit_value")]
    for limit in limits:
        low = limit() if callable(limit) else limit
        if isinstance(low, int):
            yield from (low + number, low, low - number)
    yield from (0, 1, -1)


def _decimals(field: Any, number: int) -> Iterator[Decimal]:
    places = field.decimal_places or 0
    # With a half: of whole numbers a percentage or a part seldom ends where it is rounded.
    halves = Decimal(number + 1) + (Decimal("0.5") if places > 1 else 0)
    yield halves.quantize(Decimal(1).scaleb(-places))
    yield Decimal(number + 1).quantize(Decimal(1).scaleb(-places))
    yield from (Decimal(1), Decimal(0), Decimal(1).scaleb(-places))


def _address(field: Any, number: int) -> str:
    host, block = number % 250 + 1, number // 250 % 250
    return f"2001:db8::{block:x}:{host:x}" if field.protocol.lower() == "ipv6" else f"10.0.{block}.{host}"


def _uuid(name: str, number: int) -> uuid.UUID:
    """Return a UUID that is the same in every process, in the order of the rows: the first row has the first key."""
    rest = uuid.uuid5(_ID_SPACE, name).int & ((1 << _UUID_REST_BITS) - 1)
    return uuid.UUID(int=(number << _UUID_REST_BITS) | rest)


def _yes_or_no(field: Any, number: int, *, is_minimal: bool) -> Any:
    """Return a flag. Of three states, neither yes nor no is what nobody has decided yet."""
    if field.null and number % STATES in OPEN:
        return None
    return _flag(field) if is_minimal or number % STATES != STATES - 1 else _other_flag(field)


def _flag(field: Any) -> Any:
    """Return the value under which a row is shown, where the name tells; else the default."""
    name = field.name.lower()
    if any(word in name for word in ENDED):
        return LEAVE if field.has_default() or field.null else False
    if any(word in name for word in _SHOWN):
        return True
    return LEAVE if field.has_default() or field.null else False


def _other_flag(field: Any) -> Any:
    """Return the value that the rows before do not have: a list that leaves such rows out is told from one of all.

    A user stays who may log in.
    """
    usual = _flag(field)
    usual = field.get_default() if usual is LEAVE else usual
    return usual if usual is None or getattr(field, "model", None) is user_model() else not usual


def _names_code(field: Any) -> bool:
    """Tell whether a text is the path of a class or a function, which nobody can make up."""
    return isinstance(field, models.CharField) and field.name.lower().endswith(_CODE)


def _by_name(name: str) -> str:
    return next((value for word, value in _BY_NAME.items() if word == name or name.endswith(f"_{word}")), "")


def _is_valid(field: Any, value: Any) -> bool:
    try:
        if not isinstance(value, ContentFile | date | time | timedelta) and value is not None:
            field.run_validators(field.to_python(value))
            longest = getattr(field, "max_length", None)
            return not (isinstance(value, str) and longest and len(value) > longest)
    except (ValidationError, TypeError, ValueError):
        return False
    except Exception:  # noqa: BLE001  # a validator of a library may ask for values of its own, such as money
        return True
    return True
