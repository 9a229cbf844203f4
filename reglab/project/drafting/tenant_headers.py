"""Headers by which a project's middleware finds a row, the tenant of a request: their names, and the row's value."""

import re
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any, Final

from django.conf import settings
from django.db.models import CharField, Field, Model, UUIDField
from django.utils.module_loading import import_string

from reglab.project.drafting.parameters import Bound, binding_of

_META: Final = re.compile(r"^HTTP_[A-Z0-9_]+$")
_HEADER: Final = re.compile(r"^[A-Za-z0-9]+(-[A-Za-z0-9]+)+$")
# Read by many for other reasons.
_COMMON: Final = ("accept", "authorization", "forwarded", "host", "if-", "language", "origin", "referer", "user-agent")


def tenant_headers() -> Iterator[tuple[str, Bound]]:
    """Yield each header with the value of the first row that it may name: of a model that the same code looks up."""
    for path in settings.MIDDLEWARE:
        if path.startswith("django."):
            continue
        try:
            functions = list(_functions_of(import_string(path)))
        except ImportError:
            continue
        headers = dict.fromkeys(name for function in functions for name in _headers_in(function))
        if headers and (bound := next(_looked_up(functions), None)) is not None:
            yield next(iter(headers)), bound


def _functions_of(middleware: Any) -> Iterator[FunctionType]:
    """Yield the functions of a middleware, and those of its module that they name."""
    own = [middleware] if isinstance(middleware, FunctionType) else list(vars(middleware).values())
    for function in (one for one in own if isinstance(one, FunctionType)):
        yield function
        named = (function.__globals__.get(name) for code in _nested(function.__code__) for name in code.co_names)
        yield from (one for one in named if isinstance(one, FunctionType) and one.__module__ == function.__module__)


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)


def _headers_in(function: FunctionType) -> Iterator[str]:
    for code in _nested(function.__code__):
        texts = [one for one in code.co_consts if isinstance(one, str)]
        if "headers" in code.co_names:
            yield from (one for one in texts if _HEADER.match(one) and not _is_common(one))
        if "META" in code.co_names:
            found = (one.removeprefix("HTTP_").replace("_", "-").title() for one in texts if _META.match(one))
            yield from (one for one in found if not _is_common(one))


def _is_common(name: str) -> bool:
    return any(word in name.lower() for word in _COMMON)


def _looked_up(functions: list[FunctionType]) -> Iterator[Bound]:
    """Yield the first row's value of a field that a model is looked up by: `Tenant.objects.get(code=…)`."""
    for function in functions:
        for code in _nested(function.__code__):
            named = (function.__globals__.get(name) for name in code.co_names)
            keys = [key for one in code.co_consts if isinstance(one, tuple) for key in one if isinstance(key, str)]
            for model in (one for one in named if isinstance(one, type) and issubclass(one, Model)):
                found = (binding_of(model, key) for key in dict.fromkeys(keys) if _is_key(model, key))
                yield from (bound for bound in found if bound is not None)


def _is_key(model: type[Model], name: str) -> bool:
    fields: dict[str, Field[Any, Any]] = {one.name: one for one in model._meta.concrete_fields}  # noqa: SLF001
    field = fields.get(name)
    return name == "pk" or (field is not None and (field.primary_key or isinstance(field, CharField | UUIDField)))
