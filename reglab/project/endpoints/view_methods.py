"""HTTP methods that a view answers, as far as its code shows; where it hides them, all that it may answer."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import CellType, CodeType, FunctionType, MethodType
from typing import Any, Final

MEASURED: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_METHODS: Final = frozenset({*MEASURED, "HEAD", "OPTIONS", "TRACE"})
_FUNCTIONS_MAX: Final = 200
_DEPTH_MAX: Final = 6
# Code that reads one of these takes what a POST sends.
_SENT: Final = frozenset({"POST", "FILES"})
# Pages of Django's admin leave it to another method, behind decorators, to tell a form that was sent.
_SAVING: Final = {"changeform_view": "_changeform_view"}
_NO_CODE: Final = compile("", "none", "exec")


def accepted_methods(view: Callable[..., Any]) -> tuple[str, ...]:
    """Return the methods among GET, POST, PUT, PATCH and DELETE that `view` answers.

    A class says which it has, unless its own `dispatch` decides; a view set's URL says which action serves which
    method; a router such as django-ninja's says it by operation, one of a project's own by a table of its functions by
    method. A function says it with `require_http_methods` or DRF's `api_view`; else it answers GET, and whatever
    methods the code names that it runs.
    """
    methods = _of_viewset(view) or _of_operations(view) or _of_tables(view) or _of_class(view) or _of_function(view)
    return tuple(method for method in MEASURED if method in methods)


def _of_viewset(view: Callable[..., Any]) -> set[str]:
    actions: dict[str, str] | None = getattr(view, "actions", None)
    if not actions:
        return set()
    return {method.upper() for method in actions} & _allowed_names(view, getattr(view, "cls", None))


def _of_operations(view: Callable[..., Any]) -> set[str]:
    return {str(method).upper() for one in operations_of(view) for method in getattr(one, "methods", ())}


def operations_of(view: Callable[..., Any]) -> tuple[Any, ...]:
    """Return the operations that stand behind one view of a router such as django-ninja's, or none."""
    for function in _callables(view):
        for holder in _holders(function):
            operations = getattr(holder, "operations", None)
            if isinstance(operations, list | tuple) and all(hasattr(one, "methods") for one in operations):
                return tuple(operations)
    return ()


def _holders(function: Any) -> Iterator[Any]:
    """Yield the objects that a function has in its hands: its own, and those of its closure."""
    yield getattr(function, "__self__", None)
    yield from map(_content, (function.__closure__ or ()) if isinstance(function, FunctionType) else ())


def _of_tables(view: Callable[..., Any]) -> set[str]:
    return {method.upper() for table in _tables(view) for method in table}


def _tables(view: Callable[..., Any]) -> Iterator[Mapping[str, Callable[..., Any]]]:
    """Yield the tables of functions by method that a view chooses from, in its closure or in an object there."""
    for function in _callables(view):
        for holder in _holders(function):
            yield from (one for one in (holder, *_attributes(holder)) if _is_table(one))


def _attributes(holder: Any) -> tuple[Any, ...]:
    is_named = isinstance(holder, type | FunctionType)
    return () if is_named else tuple(getattr(holder, "__dict__", {}).values())


def _is_table(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(key, str) and key.upper() in _METHODS for key in value)
        and all(map(callable, value.values()))
    )


def _of_class(view: Callable[..., Any]) -> set[str]:
    cls = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if cls is None:
        return set()
    allowed = _allowed_names(view, cls)
    if hidden := _methods_of_own_dispatch(cls):
        return hidden & allowed
    return {name for name in allowed if _has_handler(cls, name.lower())}


def _allowed_names(view: Callable[..., Any], cls: type | None) -> set[str]:
    """Return `http_method_names` in upper case: those of `as_view(...)`, else of the class."""
    given = getattr(view, "view_initkwargs", None) or getattr(view, "initkwargs", None) or {}
    names = given.get("http_method_names", getattr(cls, "http_method_names", [name.lower() for name in MEASURED]))
    return {str(name).upper() for name in names}


def _has_handler(cls: type, name: str) -> bool:
    """Return whether a class answers a method. Django's forms pass PUT, and DELETE, on to POST: no endpoint more."""
    handler = getattr(cls, name, None)
    module = getattr(handler, "__module__", "")
    is_alias = name in {"put", "delete"} and module == "django.views.generic.edit" and hasattr(cls, "post")
    return handler is not None and not is_alias


def _methods_of_own_dispatch(cls: type) -> set[str]:
    """Return what a class's own `dispatch` may answer where it asks no other: the methods it names, else all."""
    owner = next((one for one in cls.__mro__ if "dispatch" in vars(one)), None)
    if owner is None or owner.__module__ in {"django.views.generic.base", "rest_framework.views"}:
        return set()
    codes = [code for function in reached_functions(vars(owner)["dispatch"]) for code in _nested(function.__code__)]
    if any({"super", "http_method_names"} & set(code.co_names) for code in codes):
        return set()
    named = {method for code in codes for method in _named_in(code)}
    return named | {"GET"} if named else set(MEASURED)


def _of_function(view: Callable[..., Any]) -> set[str]:
    functions = list(reached_functions(view))
    for function in functions:
        if declared := _required(function):
            return declared
    named = {method for one in functions for code in _nested(one.__code__) for method in _named_in(code)}
    # What treats GET apart does something else for the rest: a POST is tried, and a 405 says that it is none.
    return {"GET", "POST"} if named == {"GET"} else {"GET"} | named


def _callables(view: Any) -> Iterator[Any]:
    """Yield a view and what it wraps, closures of decorators included, the outermost first."""
    waiting: list[tuple[Any, int]] = [(view, 0)]
    seen: set[tuple[int, int]] = set()
    while waiting and len(seen) < _FUNCTIONS_MAX:
        one, depth = waiting.pop(0)
        # A bound method is made anew each time that it is asked for.
        key = (id(one.__func__), id(one.__self__)) if isinstance(one, MethodType) else (id(one), 0)
        if key in seen or depth > _DEPTH_MAX:
            continue
        seen.add(key)
        yield one
        waiting.extend((inner, depth + 1) for inner in _inside(one))


def _inside(one: Any) -> Iterator[Any]:
    if isinstance(one, partial):
        yield one.func
    elif isinstance(one, MethodType):
        yield one.__func__
        yield from _methods_called(one)
    elif isinstance(one, FunctionType):
        yield from _wrapped_by(one)
    elif not isinstance(one, type) and hasattr(type(one), "__call__"):  # noqa: B004  # the function itself is wanted
        yield type(one).__call__


def _methods_called(method: MethodType) -> Iterator[MethodType]:
    """Yield the project's methods that a method calls on its own object, and the one that saves an admin's form."""
    holder = method.__self__
    for name in getattr(method.__func__, "__code__", _NO_CODE).co_names:
        called = getattr(type(holder), _SAVING.get(name, name), None)
        if isinstance(called, FunctionType) and (name in _SAVING or _package(called) != "django"):
            yield MethodType(called, holder)
    yield from (MethodType(inherited, holder) for inherited in _overridden(method))


def _overridden(method: MethodType) -> Iterator[FunctionType]:
    """Yield what a method calls by `super()` under its own name: a page of the admin's is Django's in the end."""
    code = getattr(method.__func__, "__code__", _NO_CODE)
    if {"super", code.co_name} <= {*code.co_names}:
        found = (vars(cls).get(code.co_name) for cls in type(method.__self__).__mro__)
        yield from (one for one in found if isinstance(one, FunctionType) and one is not method.__func__)


def _package(function: FunctionType) -> str:
    return (function.__module__ or "").partition(".")[0]


def _wrapped_by(function: FunctionType) -> Iterator[Any]:
    if (wrapped := getattr(function, "__wrapped__", None)) is not None:
        yield wrapped
    for cell in function.__closure__ or ():
        content = _content(cell)
        if isinstance(content, FunctionType | MethodType | partial):
            yield content
        for table in filter(_is_table, (content, *_attributes(content))):
            yield from table.values()
    # A helper of the same package that is given the request may be the one that reads its method.
    package = _package(function)
    for name in function.__code__.co_names:
        helper = function.__globals__.get(name)
        if isinstance(helper, FunctionType) and _package(helper) == package != "django":
            yield helper


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        # Not filled yet: a function that is being defined.
        return None


def reached_functions(view: Any) -> Iterator[FunctionType]:
    """Return the functions that a view runs, as far as its closures and helpers show, the outermost first."""
    return (one for one in _callables(view) if isinstance(one, FunctionType))


def _required(function: FunctionType) -> set[str]:
    """Return the methods that a decorator was given, and holds a request's against: they are in its closure.

    `require_http_methods` is one, and so is a project's own `@api("POST")`.
    """
    if not any("method" in code.co_names for code in _nested(function.__code__)):
        return set()
    try:
        variables = inspect.getclosurevars(function).nonlocals
    except (TypeError, ValueError):
        return set()
    return next((found for value in variables.values() if (found := _methods_in(value))), set())


def _methods_in(value: object) -> set[str]:
    """Return methods that a value lists, or is; nothing where it is anything else."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple | set | frozenset) or not all(isinstance(one, str) for one in texts):
        return set()
    found = {one.upper() for one in texts}
    return found if found <= _METHODS else set()


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)


def _named_in(code: CodeType) -> set[str]:
    """Return the methods that code names: `request.method == "POST"`, `request.method.lower() == "post"`, `POST`."""
    names = set(code.co_names)
    named = {text.upper() for text in _constants(code) if text.upper() in MEASURED} if "method" in names else set()
    return named | ({"POST"} if names & _SENT else set())


def _constants(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, tuple | frozenset):
            yield from (str(inner) for inner in constant)
