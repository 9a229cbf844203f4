"""Line of the project that did it: a cheap walk up the stack, written down as "folder/file.py:41 in function"."""

import inspect
import sys
import sysconfig
from collections.abc import Sequence
from contextvars import ContextVar
from copy import copy
from enum import Enum, auto
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final, Self

import django.core.handlers.exception
import django.db
from asgiref.sync import SyncToAsync
from django import template
from django.db import models

FRAMES_KEPT: Final = 4
_HARNESS: Final = Path(__file__).resolve().parents[1]
_LIBRARY_FOLDERS: Final = frozenset({"site-packages", "dist-packages", "node_modules"})
_LIBRARIES: Final = (Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("platstdlib")), Path(sys.prefix))
_ORM: Final = str(Path(django.db.__file__).parent)
# Around what asynchronous code has moved into a thread: below it on the stack stands whoever keeps the thread.
_THREAD: Final = SyncToAsync.thread_handler.__code__
_HANDLER: Final = django.core.handlers.exception.__file__
_PAGINATION: Final = ("rest_framework/pagination.py", "django/core/paginator.py", "ninja/pagination.py")
_COMPREHENSIONS: Final = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>"})
_TEMPLATE_NODE: Final = template.base.Node.render_annotated.__code__
# Rows, managers and expressions are carried through library code by every caller: the caller is the cause, not they.
_CARRIED: Final = (models.Model, models.Manager, models.QuerySet, models.Field, models.Expression)

# Functions that wait for what runs here, each with its line, innermost first: a stack ends where a thread, or an event
# loop, begins.
AWAITING: ContextVar[tuple[tuple[CodeType, int], ...]] = ContextVar("reglab_awaiting", default=())

# What a walk keeps: a code object and a line; or a project's class that library code runs on behalf of, its method,
# and the name of the field at work; or a template and a line. Words are made of them later, outside the counted block.
Mark = tuple[CodeType, int] | tuple[type, str, str] | tuple[str, int]


class _Kind(Enum):
    """What a function is to a walk: the project's own, a template's node, a library's method, Django's handler of a
    request or of a thread, or nothing to look at.
    """

    PROJECT = auto()
    TEMPLATE = auto()
    METHOD = auto()
    HANDLER = auto()
    NOTHING = auto()


class ProjectFrames:
    """Finds the project's lines on the stack.

    `base` is the folder that paths are written relative to; `roots` are the folders whose code is the project's
    (`base` alone by default); `excluded` are folders that are not (the harness by default). Where one lies in another,
    the innermost decides, so that a root inside an excluded folder is the project's.
    """

    def __init__(self, *, base: Path, roots: Sequence[Path] = (), excluded: Sequence[Path] = (_HARNESS,)) -> None:
        self._base = base.resolve()
        inside = {folder.resolve(): True for folder in roots or (base,)}
        outside = {folder.resolve(): False for folder in (*excluded, *_LIBRARIES)}
        # A virtual environment may be the very folder that holds the project: then it does not exclude it.
        self._folders = {**outside, **inside}
        self._paths: dict[str, str] = {}
        self._modules: dict[type, bool] = {}
        self._kinds: dict[CodeType, _Kind] = {}
        self._bottom: FrameType | None = None

    def below(self, bottom: FrameType | None) -> Self:
        """Return the same that looks no further up the stack than one frame, and shares what is known."""
        narrowed = copy(self)
        narrowed._bottom = bottom  # noqa: SLF001  # one of this class
        return narrowed

    def capture(self, frame: FrameType | None, limit: int = FRAMES_KEPT) -> tuple[Mark, ...]:
        """Return at most `limit` marks of the project above `frame`, innermost first."""
        marks: list[Mark] = []
        kinds, bottom = self._kinds, self._bottom
        while frame is not None:
            code = frame.f_code
            kind = kinds.get(code) or self._kind_of(code)
            if kind is _Kind.HANDLER:
                # Above it is what every request goes through: middleware that hands on, and did none of this.
                break
            # Most frames are a library's, and to ask one for its variables is slow.
            if kind is not _Kind.NOTHING:
                mark = self._mark(frame, kind)
                if mark is not None and not (marks and _same_place(marks[-1], mark)):
                    marks.append(mark)
                    if len(marks) == limit:
                        break
            if frame is bottom:
                break
            frame = frame.f_back
        return (*marks, *self._awaiting(limit - len(marks)))

    def _awaiting(self, limit: int) -> tuple[Mark, ...]:
        own = (one for one in AWAITING.get() if self._path(one[0].co_filename))
        return tuple(islice(own, limit))

    def words(self, marks: Sequence[Mark]) -> tuple[str, ...]:
        """Return marks as a reader wants them: "shop/views.py:41 in summary"."""
        return tuple(self._word(mark) for mark in marks)

    def place(self, code: CodeType) -> str:
        """Return where a function is defined, or an empty string for one outside the project."""
        path = self._path(code.co_filename)
        return f"{path}:{code.co_firstlineno} in {code.co_qualname}" if path else ""

    def is_project(self, filename: str) -> bool:
        """Return whether a source file belongs to the project."""
        return bool(self._path(filename))

    def relative(self, filename: str) -> str:
        """Return a project's file relative to the base, with forward slashes; an empty string for any other."""
        return self._path(filename)

    def _mark(self, frame: FrameType, kind: "_Kind") -> Mark | None:
        if kind is _Kind.PROJECT:
            return frame.f_code, frame.f_lineno
        return self._class_mark(frame) if kind is _Kind.METHOD else self._template_mark(frame.f_locals["self"])

    def _kind_of(self, code: CodeType) -> "_Kind":
        kind = self._kinds[code] = self._found_kind(code)
        return kind

    def _found_kind(self, code: CodeType) -> "_Kind":
        if self._path(code.co_filename):
            return _Kind.PROJECT
        if code is _TEMPLATE_NODE:
            return _Kind.TEMPLATE
        if is_handler(code) or code is _THREAD:
            return _Kind.HANDLER
        if code.co_filename.endswith(_PAGINATION):
            # Which page is cut by which class says nothing of the rows: the view behind it does.
            return _Kind.NOTHING
        # Whatever the ORM's own methods run on is carried: rows, querysets, compilers, cursors.
        is_method = code.co_argcount and code.co_varnames[0] == "self" and not code.co_filename.startswith(_ORM)
        return _Kind.METHOD if is_method else _Kind.NOTHING

    def _template_mark(self, node: Any) -> Mark | None:
        origin = getattr(getattr(node, "origin", None), "name", "")
        return (origin, node.token.lineno) if origin and self._path(origin) else None

    def _class_mark(self, frame: FrameType) -> Mark | None:
        """Name a project's serializer or view whose inherited method is running: it has no line of its own here."""
        values = frame.f_locals
        kind = type(values.get("self"))
        if not self._is_project_class(kind):
            return None
        field = getattr(values.get("field"), "field_name", "")
        return kind, frame.f_code.co_name, field if isinstance(field, str) else ""

    def _is_project_class(self, kind: type) -> bool:
        known = self._modules.get(kind)
        if known is None:
            module = sys.modules.get(kind.__module__)
            known = not issubclass(kind, _CARRIED) and self.is_project(getattr(module, "__file__", None) or "")
            self._modules[kind] = known
        return known

    def _word(self, mark: Mark) -> str:
        if len(mark) == 3:
            kind, method, field = mark
            path, line = _class_lines(kind)
            return f"{self._path(path)}:{line} in {kind.__qualname__}.{method}" + (f" (field {field})" if field else "")
        place, line = mark
        if isinstance(place, str):
            return f"{self._path(place)}:{line}"
        return f"{self._path(place.co_filename)}:{line} in {_name(place)}"

    def _path(self, filename: str) -> str:
        """Return a project's file relative to the base, with forward slashes; an empty string for any other."""
        known = self._paths.get(filename)
        if known is None:
            known = self._paths[filename] = self._relative(filename)
        return known

    def _relative(self, filename: str) -> str:
        if not filename or filename.startswith("<"):
            return ""
        path = Path(filename).resolve()
        if _LIBRARY_FOLDERS.intersection(path.parts):
            return ""
        owner = next((folder for folder in path.parents if folder in self._folders), None)
        if owner is None or not self._folders[owner]:
            return ""
        return (path.relative_to(self._base) if path.is_relative_to(self._base) else path.relative_to(owner)).as_posix()


def is_handler(code: CodeType) -> bool:
    """Return whether a function is Django's own around the view, and around each middleware."""
    return code.co_name == "inner" and code.co_filename == _HANDLER


def _same_place(inner: Mark, outer: Mark) -> bool:
    """Return whether `outer` adds nothing: the function of a comprehension (before 3.12), another method of a class."""
    if len(inner) == 3 or len(outer) == 3:
        return len(inner) == len(outer) and inner[0] is outer[0]
    if isinstance(inner[0], CodeType) and inner[0].co_name in _COMPREHENSIONS and isinstance(outer[0], CodeType):
        return _name(inner[0]) == outer[0].co_qualname and inner[0].co_filename == outer[0].co_filename
    return inner == outer


def _name(code: CodeType) -> str:
    return (
        code.co_qualname.removesuffix(f".<locals>.{code.co_name}")
        if code.co_name in _COMPREHENSIONS
        else code.co_qualname
    )


@lru_cache(maxsize=1024)
def _class_lines(kind: type) -> tuple[str, int]:
    try:
        return inspect.getsourcefile(kind) or "", inspect.getsourcelines(kind)[1]
    except (OSError, TypeError):
        # A class made at run time has a module but no text.
        return getattr(sys.modules.get(kind.__module__), "__file__", None) or "", 0
