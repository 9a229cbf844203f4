"""Places of the code behind a URL, and what decides there who may call it."""

import inspect
from collections.abc import Iterable
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, Resolver404, resolve

from reglab.config.suite_parts import JOBS
from reglab.project.endpoints.discovery import Endpoints
from reglab.project.endpoints.routes import in_present_language
from reglab.project.endpoints.view_methods import operations_of, reached_functions
from reglab.project.requests.jobs import code_of_job
from reglab.project.source_lines import ProjectFrames

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def view_of(path: str) -> Any:
    """Return the view that answers a path, or None."""
    path = urlsplit(path).path
    for one in filter(None, (path, in_present_language(path))):
        try:
            return resolve(one).func
        except Resolver404:
            continue
    return None


def is_login(location: str) -> bool:
    """Tell whether an answer that leads to `location` asks who calls."""
    path = urlsplit(location).path
    return path in login_paths() or "login" in path.lower()


def login_paths() -> tuple[str, ...]:
    """Return the paths of the project's log-in pages, the admin's included, as far as it has them."""
    found = []
    for name in (settings.LOGIN_URL, "admin:login"):
        try:
            found.append(urlsplit(resolve_url(name)).path)
        except (NoReverseMatch, AttributeError, TypeError):
            # A name that no URL has, or no name at all.
            continue
    return tuple(dict.fromkeys(found))


def place_of_view(view: Any, method: str, frames: ProjectFrames) -> str:
    """Return "file:line in name" of the project's class or function behind a view; empty where all is a library's."""
    operation = _operation(view, method)
    if operation is not None:
        return place_of_first((operation.view_func,), frames)
    reached = reached_functions(view) if view is not None else ()
    return place_of_first(filter(None, (_action_of(view, method), _class_of(view), *reached)), frames)


def _action_of(view: Any, method: str) -> Any:
    """Return the method of a set of views that answers an extra action: several stand in one class."""
    action = (getattr(view, "actions", None) or {}).get(method.lower(), "")
    found = getattr(_class_of(view), action, None) if action else None
    return found if hasattr(found, "mapping") else None


def place_of_endpoint(name: str, frames: ProjectFrames) -> str:
    """Return the line of what answers "GET /api/things/{pk}/", or of a job: the method or function, else its class."""
    method, _, path = name.partition(" ")
    if method in JOBS:
        return place_of_first((code_of_job(name),), frames)
    endpoint = next((one for one in _endpoints().all if (one.method, one.path) == (method, path)), None)
    if endpoint is None:
        return ""
    view, operation = endpoint.view, _operation(endpoint.view, method)
    handler = (getattr(view, "actions", None) or {}).get(method.lower(), method.lower())
    own = getattr(_class_of(view), handler, None)
    candidates = (getattr(operation, "view_func", None), own, _class_of(view), *reached_functions(view))
    return place_of_first(filter(None, candidates), frames)


@cache
def _endpoints() -> Endpoints:
    return Endpoints()


def place_of_first(candidates: Iterable[Any], frames: ProjectFrames) -> str:
    """Return "file:line in name" of the first class or function that is the project's; else an empty text."""
    for one in candidates:
        file, line, name = _source_of(one)
        if path := frames.relative(file):
            return f"{path}:{line} in {name}"
    return ""


def guards_of(view: Any, method: str) -> str:
    """Name what decides who may call a view of DRF, or of a router such as django-ninja's."""
    operation = _operation(view, method)
    if operation is not None and hasattr(operation, "auth_callbacks"):
        named = (getattr(one, "__name__", type(one).__name__) for one in operation.auth_callbacks)
        return ", ".join(named) or "nobody"
    return ", ".join(_classes(view, "permission_classes"))


def doors_of(view: Any, method: str) -> tuple[str, ...]:
    """Return the names of all that stands before a view by declaration: who may call it, how often, and from where."""
    guards = guards_of(view, method)
    is_exempt = method in _SAFE or getattr(view, "csrf_exempt", False) or hasattr(view, "cls")
    forged = "" if is_exempt else "CsrfViewMiddleware"
    names = (*guards.split(", "), *_classes(view, "throttle_classes"), forged)
    return tuple(name for name in names if name)


def _classes(view: Any, attribute: str) -> tuple[str, ...]:
    """Return the names of a list of classes of a view's, that of an action in the place of its class's."""
    given = getattr(view, "initkwargs", None) or {}
    classes = given.get(attribute, getattr(_class_of(view), attribute, None)) or ()
    return tuple(getattr(one, "__name__", str(one)) for one in classes)


def _operation(view: Any, method: str) -> Any:
    operations = operations_of(view) if view is not None else ()
    fitting = (one for one in operations if method in one.methods and hasattr(one, "view_func"))
    return next(fitting, None)


def _class_of(view: Any) -> Any:
    return getattr(view, "cls", None) or getattr(view, "view_class", None) or view


@cache
def _source_of(view: Any) -> tuple[str, int, str]:
    try:
        target = inspect.unwrap(view)
        return inspect.getsourcefile(target) or "", inspect.getsourcelines(target)[1], target.__qualname__
    except (OSError, TypeError, AttributeError):
        return "", 0, ""
