"""The project's line that made an answer of an error of the database."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db import DatabaseError
from django.http.response import HttpResponseBase

from reglab.project.source_lines import ProjectFrames
from reglab.project.tracebacks import raised_at


class AnswerOrigin:
    """Where the last answer was made while an error of the database was handled; `places` are empty where none was."""

    def __init__(self, *, frames: ProjectFrames) -> None:
        self.places: tuple[str, ...] = ()
        self._frames = frames

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note the line of each answer that is made inside the block."""
        make = HttpResponseBase.__init__

        def noted_make(response: HttpResponseBase, *values: Any, **named: Any) -> None:
            error = sys.exception()
            if isinstance(error, DatabaseError):
                marks = self._frames.capture(sys._getframe(1))  # noqa: SLF001  # the documented way to a frame
                self.places = self._frames.words(marks)
            elif error is not None and _is_of_database(error):
                # Another error was raised in its place: that line decided.
                self.places = raised_at(error.__traceback__, self._frames)
            make(response, *values, **named)

        with mock.patch.object(HttpResponseBase, "__init__", noted_make):
            yield


def _is_of_database(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, DatabaseError):
        error = error.__cause__ or error.__context__
    return error is not None
