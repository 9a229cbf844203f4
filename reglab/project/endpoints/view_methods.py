"""HTTP methods that a view answers, as far as its code shows."""

import inspect
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any, Final

MEASURED: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


def accepted_methods(view: Callable[..., Any]) -> tuple[str, ...]:
    """Return the methods among GET, POST, PUT, PATCH and DELETE that `view` answers.

    A class says which it has, and a view set's URL says which action serves which method. A function says it with
    `require_http_methods` or DRF's `api_view`; else it answers GET, and whatever methods its code names.
    """
    methods = _of_viewset(view) or _of_class(view) or _of_function(view)
    return tuple(method for method in MEASURED if method in methods)


def _of_viewset(view: Callable[..., Any]) -> set[str]:
    actions: dict[str, str] | None = getattr(view, "actions", None)
    return {method.upper() for method in actions} if actions else set()


def _of_class(view: Callable[..., Any]) -> set[str]:
    cls = getattr(view, "cls", None) or getattr(view, "view_class", None)
    names = getattr(cls, "http_method_names", ())
    return {name.upper() for name in names if hasattr(cls, name)}


def _of_function(view: Callable[..., Any]) -> set[str]:
    functions = list(_wrapped_chain(view))
    for function in functions:
        if declared := _required(function):
            return declared
    innermost = functions[-1]
    code = getattr(innermost, "__code__", None)
    return {"GET", *_named_in(code)} if isinstance(code, CodeType) else {"GET"}


def _wrapped_chain(view: Callable[..., Any]) -> Iterator[Any]:
    """Give the view and every function that it wraps, the outermost first."""
    current: Any = view
    while current is not None:
        yield getattr(current, "__func__", current)
        current = getattr(current, "__wrapped__", None)


def _required(function: Any) -> set[str]:
    """Return what `require_http_methods` keeps in its closure."""
    try:
        variables = inspect.getclosurevars(function).nonlocals
    except TypeError:
        return set()
    methods = variables.get("request_method_list")
    return {str(method).upper() for method in methods} if methods else set()


def _named_in(code: CodeType) -> set[str]:
    """Return the methods that a function names: `request.method == "POST"`, `request.POST`."""
    names = set(code.co_names)
    named = {constant for constant in _constants(code) if constant in MEASURED} if "method" in names else set()
    return named | ({"POST"} if names & {"POST", "FILES"} else set())


def _constants(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, tuple | frozenset):
            yield from (str(inner) for inner in constant)
