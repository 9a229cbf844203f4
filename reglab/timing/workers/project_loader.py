"""One side's project, loaded in its process: settings, URLconf, and a guard against the other side's modules.

Three processes a pair load this, so that it imports no more than a request needs: neither the suite nor its bindings.
"""

import platform
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Final

import django
from django.db import connections
from django.urls import get_resolver

from reglab.errors import ComparisonError
from reglab.project.data.aliases import use_server
from reglab.project.data.isolation import stopped_clock
from reglab.project.test_environment import test_surroundings

# The harness, whose link may lie in the checkout's own var/, and its module that this process runs.
_OURS: Final = frozenset({"reglab", "__main__", "__mp_main__"})
_LIBRARIES: Final = frozenset({"site-packages", "dist-packages"})


class SideProject:
    """What every process of a side has. `elsewhere` are the checkout's folders of the subject."""

    def __init__(self, *, clock: datetime, database: str | None, elsewhere: Sequence[str]) -> None:
        if database is not None:
            use_server(database)
        self.stack = ExitStack()
        self.stack.enter_context(test_surroundings())
        # As in the audit: "the last thirty days" are the same on both sides and at every pair.
        self.stack.enter_context(stopped_clock(clock))
        self._elsewhere = tuple(Path(folder) for folder in elsewhere)
        list(get_resolver().url_patterns)
        self.refuse_strangers()

    def described(self) -> dict[str, str]:
        """Say which interpreter, Django and kind of database this side runs on."""
        return {
            "python": platform.python_version(),
            "implementation": platform.python_implementation(),
            "django": django.get_version(),
            "vendor": connections["default"].vendor,
        }

    def refuse_strangers(self) -> None:
        """Raise ComparisonError where a module of the subject came from the checkout and not from this side."""
        for name, module in list(sys.modules.items()):
            path = getattr(module, "__file__", None)
            # The checkout may hold the virtual environment, and the harness.
            if not path or name.partition(".")[0] in _OURS or _LIBRARIES.intersection(Path(path).parts):
                continue
            if any(Path(path).is_relative_to(folder) for folder in self._elsewhere):
                raise ComparisonError(f"its revision has no module {name}: the checkout's was found instead")

    def close(self) -> None:
        """Undo what was entered."""
        connections.close_all()
        self.stack.close()
