"""One side's project, loaded in its process: settings, URLconf, suite, and a guard against the other side's modules."""

import platform
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import django
from django.db import connections
from django.urls import get_resolver

from bench.binding import bound_values
from bench.exchange import Request, prepared
from bench.isolation import stopped_clock
from bench.paired.errors import ComparisonError
from bench.suite import Scenario, read_suite
from bench.surroundings import test_surroundings


class SideProject:
    """What every process of a side has. `elsewhere` are the checkout's folders of the subject."""

    def __init__(self, *, suite: str, database: str | None, elsewhere: Sequence[str]) -> None:
        if database is not None:
            _use_server(database)
        self.file = read_suite(Path(suite))
        self.stack = ExitStack()
        self.stack.enter_context(test_surroundings())
        # As in the audit: "the last thirty days" are the same on both sides and at every pair.
        self.stack.enter_context(stopped_clock(self.file.suite.clock))
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

    def scenario(self, name: str) -> Scenario:
        """Return one of the suite's scenarios."""
        return next(scenario for scenario in self.file.suite.scenario if scenario.name == name)

    def requests(self, names: Sequence[str], *, sizes: Mapping[str, int]) -> dict[str, tuple[Request, ...]]:
        """Bind the scenarios' requests to the rows of the present databases."""
        found = {}
        for name in names:
            scenario = self.scenario(name)
            values = bound_values(self.file, scenario, sizes=sizes)
            found[name] = prepared(self.file.suite, scenario, values)
        return found

    def refuse_strangers(self) -> None:
        """Raise ComparisonError where a module of the subject came from the checkout and not from this side."""
        for name, module in list(sys.modules.items()):
            path = getattr(module, "__file__", None)
            if path and any(Path(path).is_relative_to(folder) for folder in self._elsewhere):
                raise ComparisonError(f"its revision has no module {name}: the checkout's was found instead")

    def close(self) -> None:
        """Undo what was entered."""
        connections.close_all()
        self.stack.close()


def _use_server(url: str) -> None:
    """Point the default alias at a server, whatever the settings read."""
    from psycopg.conninfo import conninfo_to_dict

    parts: dict[str, Any] = conninfo_to_dict(url)
    connections.settings["default"].update(
        ENGINE="django.db.backends.postgresql",
        NAME=parts.get("dbname", ""),
        USER=parts.get("user", ""),
        PASSWORD=parts.get("password", ""),
        HOST=parts.get("host", ""),
        PORT=str(parts.get("port", "")),
    )
