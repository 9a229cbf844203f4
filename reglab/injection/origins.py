"""Lines where a canary becomes SQL or markup: before the statement is sent, and before the page is whole."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock

from django.db.models import expressions, query
from django.db.models.sql import query as sql_query
from django.utils.safestring import SafeString

from reglab.project.source_lines import Mark, ProjectFrames


class Origins:
    """The project's lines that first made a text with `word` in it part of SQL, or called it safe."""

    def __init__(self, *, frames: ProjectFrames) -> None:
        self.word = ""
        self.probe = ""
        self.of_sql: tuple[Mark, ...] = ()
        self.of_markup: tuple[Mark, ...] = ()
        self._frames = frames

    def look_for(self, word: str, *, probe: str) -> None:
        """Forget what was seen, and look for another canary."""
        self.word, self.probe = word, probe
        self.of_sql = self.of_markup = ()

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note the lines inside the block."""
        with ExitStack() as stack:
            # Wherever Django takes a piece of SQL as it is.
            for owner, method in (
                (expressions.RawSQL, "__init__"),
                (sql_query.Query, "add_extra"),
                (query.RawQuerySet, "__init__"),
            ):
                stack.enter_context(mock.patch.object(owner, method, self._noting_sql(getattr(owner, method))))
            SafeString.__new__ = self._safe  # type: ignore[method-assign, assignment]
            stack.callback(delattr, SafeString, "__new__")
            yield

    def _noting_sql(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def noted(instance: Any, *values: Any, **named: Any) -> Any:
            if self.word and not self.of_sql and self.word in repr((values, named)).lower():
                # A parameter is named as well; only what is then seen in a statement's text is ever told.
                self.of_sql = self._frames.capture(sys._getframe(1))  # noqa: SLF001  # the documented way to a frame
            return method(instance, *values, **named)

        return noted

    def _safe(self, kind: type[str], *values: Any) -> str:
        if self.word and not self.of_markup and values and f"{self.word}{self.probe}" in str(values[0]).lower():
            self.of_markup = self._frames.capture(sys._getframe(1))  # noqa: SLF001
        return str.__new__(kind, *values)
