"""Middleware of a drill-down: counts each request's statements with the audit's own counter, and writes them down.

Only the settings of reglab.load.server.drilldown_settings put it in; no load is timed with it.
"""

import json
import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from django.db import connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from reglab.counters.queries import QueryCounter, StatementGroup
from reglab.load.server.drilldown_names import FILE_VARIABLE, ROOT_VARIABLE
from reglab.project.source_lines import ProjectFrames

# What the profiler itself writes, and how it has each statement explained, is none of the request's work.
PROFILER: Final = "silk_"
EXPLANATION: Final = "EXPLAIN"


class StatementLog:
    """Outermost middleware: one line a request, before its answer leaves the process."""

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response
        self._frames = ProjectFrames(base=Path(os.environ[ROOT_VARIABLE]))

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and log what it took."""
        milliseconds = 0.0

        def timed(execute: Callable[..., Any], *arguments: Any) -> Any:
            nonlocal milliseconds
            begun = perf_counter()
            try:
                return execute(*arguments)
            finally:
                milliseconds += 1e3 * (perf_counter() - begun)

        counter = QueryCounter(connections.all(), frames=self._frames)
        with counter, ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(timed))
            response = self._get_response(request)
        groups = [group for group in counter.groups() if not _is_profilers(group)]
        line = {
            "process": os.getpid(),
            "method": request.method,
            "path": request.get_full_path(),
            "status": response.status_code,
            "queries": sum(group.count for group in groups),
            "inserts": sum(group.count for group in groups if group.shape.verb == "INSERT"),
            "database_ms": milliseconds,
            "repeated": [[group.shape.text, group.count, group.source] for group in groups if group.count > 1],
        }
        with Path(os.environ[FILE_VARIABLE]).open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
        return response


def _is_profilers(group: StatementGroup) -> bool:
    shape = group.shape
    return shape.text.startswith(EXPLANATION) or any(table.startswith(PROFILER) for table in shape.tables)
