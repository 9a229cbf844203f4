"""Line that built a queryset: reading is lazy, so the line that sends a statement is rarely the one to change."""

import sys
from enum import Enum, auto
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any, Final, NamedTuple, Self
from weakref import WeakKeyDictionary

import django.db
from django.db.models import QuerySet
from django.db.models.manager import BaseManager

from reglab.project.orm.row_order import unordered_lock, unstable_order
from reglab.project.orm.row_repeats import repeating_join
from reglab.project.source_lines import Mark, ProjectFrames

_ORM: Final = str(Path(django.db.__file__).parent)
# Other counters of the harness may stand between a cursor and the one that asks.
_ON_THE_WAY: Final = (_ORM, str(Path(__file__).resolve().parents[2]))
_CLONE: Final = QuerySet._clone.__code__  # type: ignore[attr-defined]  # noqa: SLF001  # how querysets chain
# Beside the querysets, not in them: a subject may pickle one into its cache.
_lines: Final[WeakKeyDictionary[QuerySet[Any], "Lines"]] = WeakKeyDictionary()
# Where rows are read, not counted or looked for.
_READING: Final = frozenset({QuerySet._fetch_all.__code__, QuerySet._iterator.__code__})  # type: ignore[attr-defined]  # noqa: SLF001
# A row that comes several times is counted so, too.
_COUNTING: Final = QuerySet.count.__code__
# Where every manager makes its querysets.
_ROWS_OF_MANAGER: Final = "get_queryset"
_QUERYSETS: Final = str(Path(_ORM) / "models" / "query.py")
# Methods that decide which rows are read, and how. Others cut a page out, count, or copy.
_SHAPING: Final = frozenset({"filter", "exclude", "annotate", "alias", "extra", "distinct", "values", "union", "raw"})


class _Role(Enum):
    """What a function is on the way from a cursor: a queryset's method, other code of the ORM, or the end of it."""

    QUERYSET = auto()
    ON_THE_WAY = auto()
    OUTSIDE = auto()


# To ask each frame for its file's folder and its variables costs more than a query.
_roles: Final[dict[CodeType, _Role]] = {}


class Lines(NamedTuple):
    """The project's last line that chained a queryset, and the last one that decided which rows it reads."""

    built: Mark | None
    shaped: Mark | None


_NO_LINES: Final = Lines(built=None, shaped=None)


class Origin(NamedTuple):
    """What is known of the queryset behind a statement: a tuple, because one is made for each.

    `built` is the project's last line that chained it, `shaped` the last one that decided which rows it reads;
    `parent_table` is the table of the row for which a relation or a deferred column is loaded; `unstable_order` the
    order by which a part of the rows is cut out, where it leaves ties; `repeating_join` the join by which a row can
    come several times; `unordered_lock` the order in which several rows are locked, where it leaves ties. `reads_rows`:
    rows are read, not counted or looked for.
    """

    built: Mark | None = None
    shaped: Mark | None = None
    parent_table: str = ""
    unstable_order: str = ""
    repeating_join: str = ""
    unordered_lock: str = ""
    reads_rows: bool = False


NO_ORIGIN: Final = Origin()


class QuerysetOrigins:
    """Notes in each queryset made inside the block which line of the project built it."""

    def __init__(self, *, frames: ProjectFrames) -> None:
        self._frames = frames
        self._original = QuerySet.__init__

    def __enter__(self) -> Self:
        original = self._original = QuerySet.__init__
        note = self._note

        def noted(queryset: QuerySet[Any], *arguments: Any, **named: Any) -> None:
            original(queryset, *arguments, **named)
            note(queryset)

        QuerySet.__init__ = noted  # type: ignore[method-assign, assignment]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        QuerySet.__init__ = self._original  # type: ignore[method-assign]

    def _note(self, queryset: QuerySet[Any]) -> None:
        frame: FrameType | None = sys._getframe(2)  # noqa: SLF001  # the documented way to a frame
        lines = _NO_LINES
        if frame is not None and frame.f_code is _CLONE:
            lines = _lines.get(frame.f_locals["self"], _NO_LINES)
        caller: FrameType | None = None
        while frame is not None and _role_of(frame.f_code) is not _Role.OUTSIDE:
            caller, frame = frame, frame.f_back
        if frame is not None and self._frames.is_project(frame.f_code.co_filename):
            here = (frame.f_code, frame.f_lineno)
            lines = Lines(self._built(frame), here if caller is not None and _shapes(caller) else lines.shaped)
        if lines is not _NO_LINES:
            _lines[queryset] = lines

    def _built(self, frame: FrameType) -> Mark | None:
        """Return the project's line that asked for a queryset: whoever asks a manager, in place of the manager's own.

        None where library code asks for a relation: the manager's method serves every one of them.
        """
        asking: FrameType | None = frame
        while asking is not None and (_role_of(asking.f_code) is not _Role.OUTSIDE or _is_of_manager(asking)):
            asking = asking.f_back
        if asking is None or not self._frames.is_project(asking.f_code.co_filename):
            return None
        return asking.f_code, asking.f_lineno


def _is_of_manager(frame: FrameType) -> bool:
    return frame.f_code.co_name == _ROWS_OF_MANAGER and isinstance(frame.f_locals.get("self"), BaseManager)


def origin_of(frame: FrameType | None) -> Origin:
    """Return the origin of the innermost queryset that is being read above `frame`, as far as the ORM's frames go."""
    while frame is not None:
        role = _roles.get(frame.f_code) or _role_of(frame.f_code)
        if role is _Role.OUTSIDE:
            break
        if role is _Role.QUERYSET:
            queryset = frame.f_locals.get("self")
            if isinstance(queryset, QuerySet):
                lines = _lines.get(queryset, _NO_LINES)
                is_read, query = frame.f_code in _READING, queryset.query
                order = unstable_order(query) if is_read else ""
                repeated = repeating_join(query, is_ordered=is_read) if is_read or frame.f_code is _COUNTING else ""
                lock = unordered_lock(query) if is_read else ""
                return Origin(lines.built, lines.shaped, _parent_table(queryset), order, repeated, lock, is_read)
        frame = frame.f_back
    return NO_ORIGIN


def _role_of(code: CodeType) -> _Role:
    role = _roles.get(code)
    if role is None:
        is_method = bool(code.co_argcount) and code.co_varnames[0] == "self"
        if is_method and code.co_filename == _QUERYSETS:
            role = _Role.QUERYSET
        else:
            role = _Role.ON_THE_WAY if code.co_filename.startswith(_ON_THE_WAY) else _Role.OUTSIDE
        _roles[code] = role
    return role


def _shapes(method: FrameType) -> bool:
    name, given = method.f_code.co_name, "field_names"
    if name == "manager_method":
        # A manager passes its querysets' methods on by this one function.
        name, given = str(method.f_locals.get("name")), "args"
    return name in _SHAPING or (name == "order_by" and bool(method.f_locals.get(given)))


def _parent_table(queryset: QuerySet[Any]) -> str:
    # Django's own hint to database routers: the row on whose behalf a related one is read.
    instance = getattr(queryset, "_hints", {}).get("instance")
    return str(instance._meta.db_table) if instance is not None else ""  # noqa: SLF001  # Django's public name for it
