"""Fields that a view's code looks rows up by with a value of its URL: `get_object_or_404(Shop, slug=shop)`."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from reglab.project.drafting.view_models import class_of
from reglab.project.endpoints.discovery import Endpoint
from reglab.project.endpoints.view_methods import reached_functions


def looked_up_by(endpoint: Endpoint, parameter: str) -> tuple[str, ...]:
    """Return the lookups that a parameter of the URL is given to, as the code spells them ("slug", "shop__code").

    Given to by its name, or out of `kwargs`. Empty where the source cannot be read.
    """
    found = (
        keyword.arg
        for function in _functions(endpoint)
        for call in _calls(function)
        for keyword in call.keywords
        if keyword.arg and _is_the_value(keyword.value, parameter)
    )
    return tuple(dict.fromkeys(found))


def _functions(endpoint: Endpoint) -> Iterator[Callable[..., Any]]:
    cls = class_of(endpoint.view)
    if cls is None:
        yield from reached_functions(endpoint.view)
        return
    for name in (endpoint.method.lower(), "get_object", "get_queryset", "dispatch", "setup"):
        handler = getattr(cls, name, None)
        if handler is not None:
            yield from reached_functions(handler)


def _calls(function: Callable[..., Any]) -> Iterator[ast.Call]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _is_the_value(value: ast.expr, parameter: str) -> bool:
    """Tell whether an expression is the parameter itself: `shop`, `kwargs["shop"]`, `self.kwargs.get("shop")`."""
    if isinstance(value, ast.Name):
        return value.id == parameter
    key: ast.expr | None = None
    if isinstance(value, ast.Subscript) and _is_kwargs(value.value):
        key = value.slice
    elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and _is_kwargs(value.func.value):
        key = value.args[0] if value.args else None
    return isinstance(key, ast.Constant) and key.value == parameter


def _is_kwargs(value: ast.expr) -> bool:
    return getattr(value, "attr", getattr(value, "id", "")) == "kwargs"
