"""Memory that the project's modules hold: the size of every container and of every cache without a limit."""

import linecache
import re
import sys
from collections import deque
from collections.abc import Iterator, Sized
from types import FunctionType, MethodType, ModuleType
from typing import Any, Final

from django.core.handlers.base import BaseHandler

from reglab.project.source_lines import ProjectFrames

_CONTAINERS: Final = (dict, list, set, bytearray, deque)
Sizes = dict[tuple[str, str], int]


def held_by_project(frames: ProjectFrames, handler: BaseHandler | None = None) -> Sizes:
    """Return how much each container holds, by place and dotted name: of modules, classes and their instances.

    And of the middleware that a handler has set up, which no module holds.
    """
    of_modules = {
        (path, f"{module.__name__}.{name}"): size
        for module in list(sys.modules.values())
        if (path := getattr(module, "__file__", None) or "") and frames.is_project(path)
        for name, size in _held_by(module, frames)
    }
    return {**of_modules, **(_of_middleware(handler, frames) if handler else {})}


def _of_middleware(handler: BaseHandler, frames: ProjectFrames) -> Sizes:
    return {
        (path, f"{kind.__module__}.{kind.__name__}.{name}"): size
        for one in _middleware(handler)
        if (kind := type(one)) and (path := _file_of(one)) and frames.is_project(path)
        for attribute, held in list(vars(one).items())
        for name, size in _size(attribute, held)
    }


def _middleware(handler: BaseHandler) -> Iterator[Any]:
    """Yield the middleware that is made of classes, outermost first: each holds the next as what answers it."""
    call: Any = getattr(handler, "_middleware_chain", None)
    while call is not None:
        one = getattr(call, "__wrapped__", call)
        if hasattr(one, "__dict__") and not isinstance(one, FunctionType | MethodType):
            yield one
        call = getattr(one, "get_response", None)


def names_that_hold(text: str, frames: ProjectFrames) -> Iterator[tuple[str, str]]:
    """Yield place and dotted name of each container of the project's modules that has a text somewhere inside."""
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None) or ""
        if path and frames.is_project(path):
            for name, value in list(vars(module).items()):
                if isinstance(value, _CONTAINERS) and not name.startswith("__") and _holds(value, text):
                    yield path, f"{module.__name__}.{name}"


def _holds(value: Any, text: str, depth: int = 2) -> bool:
    """Look into texts and plain containers alone: the look of another object may ask the database."""
    if isinstance(value, str):
        return text in value
    if depth < 0 or not isinstance(value, (dict, list, set, tuple, deque)):
        return False
    inside = (*value, *value.values()) if isinstance(value, dict) else tuple(value)
    return any(_holds(one, text, depth - 1) for one in inside)


def line_of(path: str, name: str, frames: ProjectFrames) -> str:
    """Return the first line of a file that defines the last part of a dotted name, as a reader wants it."""
    last = re.escape(name.rpartition(".")[2])
    defines = re.compile(rf"\s*(?:async def |def |self\.)?{last}\s*[:=(]")
    lines = enumerate(linecache.getlines(path), start=1)
    number = next((number for number, line in lines if defines.match(line)), 0)
    return f"{frames.relative(path)}:{number}"


def _held_by(module: ModuleType, frames: ProjectFrames) -> Iterator[tuple[str, int]]:
    for name, value in list(vars(module).items()):
        yield from _size(name, value)
        if (isinstance(value, type) and value.__module__ == module.__name__) or _is_instance_of_project(value, frames):
            for attribute, held in list(vars(value).items()):
                yield from _size(f"{name}.{attribute}", held)


def _is_instance_of_project(value: Any, frames: ProjectFrames) -> bool:
    return hasattr(value, "__dict__") and frames.is_project(_file_of(value))


def _file_of(value: Any) -> str:
    """Return the file of a value's class, or nothing."""
    return getattr(sys.modules.get(type(value).__module__), "__file__", None) or ""


def _size(name: str, value: Any) -> Iterator[tuple[str, int]]:
    if name.startswith("__"):
        return
    if isinstance(value, _CONTAINERS) and isinstance(value, Sized):
        yield name, len(value)
    elif type(value).__name__ == "_lru_cache_wrapper" and value.cache_parameters()["maxsize"] is None:
        # One with a limit forgets.
        yield name, value.cache_info().currsize
