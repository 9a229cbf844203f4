"""Line that built a queryset: reading is lazy, so the line that sends a statement is rarely the one to change."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Final, Self
from weakref import WeakKeyDictionary

import django.db
from django.db.models import QuerySet

from reglab.project.row_order import unstable_order
from reglab.project.source_lines import Mark, ProjectFrames

_ORM: Final = str(Path(django.db.__file__).parent)
# Other counters of the harness may stand between a cursor and the one that asks.
_ON_THE_WAY: Final = (_ORM, str(Path(__file__).resolve().parents[1]))
_CLONE: Final = QuerySet._clone.__code__  # type: ignore[attr-defined]  # noqa: SLF001  # how querysets chain
# Beside the querysets, not in them: a subject may pickle one into its cache.
_built: Final[WeakKeyDictionary[QuerySet[Any], Mark]] = WeakKeyDictionary()
_shaped: Final[WeakKeyDictionary[QuerySet[Any], Mark]] = WeakKeyDictionary()
# Where rows are read, not counted or looked for.
_READING: Final = frozenset({QuerySet._fetch_all.__code__, QuerySet._iterator.__code__})  # type: ignore[attr-defined]  # noqa: SLF001
# Methods that decide which rows are read, and how. Others cut a page out, count, or copy.
_SHAPING: Final = frozenset({"filter", "exclude", "annotate", "alias", "extra", "distinct", "values", "union", "raw"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What is known of the queryset behind a statement.

    `built` is the project's last line that chained it, `shaped` the last one that decided which rows it reads;
    `parent_table` is the table of the row for which a relation or a deferred column is loaded; `unstable_order` the
    order by which a part of the rows is cut out, where it leaves ties.
    """

    built: Mark | None = None
    shaped: Mark | None = None
    parent_table: str = ""
    unstable_order: str = ""


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
        built, shaped = None, None
        if frame is not None and frame.f_code is _CLONE:
            parent = frame.f_locals["self"]
            built, shaped = _built.get(parent), _shaped.get(parent)
        *_, caller = (None, *_orm_frames(frame))
        outside = caller.f_back if caller else frame
        if outside is not None and self._frames.is_project(outside.f_code.co_filename):
            built = (outside.f_code, outside.f_lineno)
            if caller is not None and _shapes(caller):
                shaped = built
        if built is not None:
            _built[queryset] = built
        if shaped is not None:
            _shaped[queryset] = shaped


def origin_of(frame: FrameType | None) -> Origin:
    """Return the origin of the innermost queryset that is being read above `frame`, as far as the ORM's frames go."""
    for inner in _orm_frames(frame):
        if inner.f_code.co_argcount and inner.f_code.co_varnames[0] == "self":
            queryset = inner.f_locals.get("self")
            if isinstance(queryset, QuerySet):
                return Origin(
                    built=_built.get(queryset),
                    shaped=_shaped.get(queryset),
                    parent_table=_parent_table(queryset),
                    unstable_order=unstable_order(queryset.query) if inner.f_code in _READING else "",
                )
    return NO_ORIGIN


def _shapes(method: FrameType) -> bool:
    name = method.f_code.co_name
    return name in _SHAPING or (name == "order_by" and bool(method.f_locals.get("field_names")))


def _orm_frames(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None and frame.f_code.co_filename.startswith(_ON_THE_WAY):
        yield frame
        frame = frame.f_back


def _parent_table(queryset: QuerySet[Any]) -> str:
    # Django's own hint to database routers: the row on whose behalf a related one is read.
    instance = getattr(queryset, "_hints", {}).get("instance")
    return str(instance._meta.db_table) if instance is not None else ""  # noqa: SLF001  # Django's public name for it
