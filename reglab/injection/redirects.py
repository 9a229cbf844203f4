"""Lines of the project that lead a browser elsewhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.http.response import HttpResponseRedirectBase

from reglab.project.source_lines import ProjectFrames


class Redirects:
    """Notes where the last redirect inside the block was made; `places` are empty where none was."""

    def __init__(self, *, frames: ProjectFrames) -> None:
        self.places: tuple[str, ...] = ()
        self._frames = frames

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note the line of each redirect that is made inside the block."""
        make = HttpResponseRedirectBase.__init__

        def noted_make(response: Any, *values: Any, **named: Any) -> None:
            self.places = self._frames.words(self._frames.capture(sys._getframe(1)))  # noqa: SLF001
            make(response, *values, **named)

        with mock.patch.object(HttpResponseRedirectBase, "__init__", noted_make):
            yield
