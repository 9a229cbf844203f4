"""Reasons for which a request was refused, where the answer keeps them to itself: Http404 and the like, and forms."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from linecache import getline
from pathlib import Path
from traceback import walk_stack, walk_tb
from typing import Any, Final
from unittest import mock

import django
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.forms.forms import BaseForm
from django.http import Http404
from django.urls import Resolver404

from reglab.project.source_lines import ProjectFrames

_STATUSES: Final[dict[type[Exception], int]] = {Http404: 404, PermissionDenied: 403, SuspiciousOperation: 400}
_CHARACTERS: Final = 160
_PASSED_ON: Final = "get_response("
_LIBRARIES: Final = ("site-packages", "dist-packages")
_DJANGO: Final = str(Path(django.__file__).parent)
_HARNESS: Final = str(Path(__file__).resolve().parents[2])


@dataclass(slots=True, kw_only=True)
class Refusals:
    """What refused a request: the last exception of each status, and the errors of the last form that had any."""

    by_status: dict[int, str] = field(default_factory=dict)
    form: str = ""


@contextmanager
def refusals_noted(frames: ProjectFrames) -> Iterator[Refusals]:
    """Note, inside the block, exceptions that Django or a library turns into an answer, and forms that have errors.

    They are noted as they are made: a library may answer them with a page of its own before Django sees them.
    """
    seen = Refusals()
    with ExitStack() as stack:
        for kind, status in _STATUSES.items():
            stack.enter_context(mock.patch.object(kind, "__init__", _noting(kind, status, seen, frames)))
        stack.enter_context(mock.patch.object(BaseForm, "full_clean", _cleaning(seen)))
        yield seen


def place_raised(error: BaseException, frames: ProjectFrames) -> str:
    """Return "file:line" of the innermost line of the project that an exception came through, else of a library."""
    steps = ((frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__))
    return _innermost(reversed(list(steps)), frames)


def _innermost(steps: Iterable[tuple[str, int]], frames: ProjectFrames) -> str:
    """Choose among lines, innermost first: the project's, else that of a library which is not Django."""
    of_library = ""
    for filename, line in steps:
        # A middleware that passes the request on refuses nothing.
        if _PASSED_ON in getline(filename, line):
            continue
        if path := frames.relative(filename):
            return f"{path}:{line}"
        if not of_library and (path := _in_library(filename)):
            of_library = f"{path}:{line}"
    return of_library


def _in_library(filename: str) -> str:
    """Return a file of a library as its package names it; an empty text for Django, the harness and Python itself."""
    if filename.startswith((_DJANGO, _HARNESS)):
        return ""
    parts = Path(filename).parts
    folder = next((parts.index(one) for one in _LIBRARIES if one in parts), None)
    return "/".join(parts[folder + 1 :]) if folder is not None else ""


def _noting(kind: type[Exception], status: int, seen: Refusals, frames: ProjectFrames) -> Callable[..., None]:
    original: Any = kind.__init__

    def __init__(self: Exception, *arguments: Any, **named: Any) -> None:  # noqa: N807  # stands in for it
        original(self, *arguments, **named)
        if isinstance(self, Resolver404):
            # Asked of every URLconf that does not know the path, also where another one does.
            return
        said = str(arguments[0]) if arguments else ""
        lines = said.strip().splitlines() or [type(self).__name__]
        stack = walk_stack(sys._getframe(1))  # noqa: SLF001  # the documented way to a frame
        place = _innermost(((frame.f_code.co_filename, line) for frame, line in stack), frames)
        seen.by_status[status] = lines[0][:_CHARACTERS] + (f" ({place})" if place else "")

    return __init__


def _cleaning(seen: Refusals) -> Callable[[BaseForm], None]:
    original = BaseForm.full_clean

    def full_clean(self: BaseForm) -> None:
        original(self)
        if self.is_bound and (errors := self._errors):  # type: ignore[attr-defined]  # as `errors` reads
            told = (f"{name}: {' '.join(map(str, messages))}" for name, messages in errors.items())
            seen.form = "; ".join(told)[:_CHARACTERS]

    return full_clean
