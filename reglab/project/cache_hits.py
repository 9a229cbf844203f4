"""The project's lines that find something in a cache. In an audit each cache is in memory."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.core.cache.backends.locmem import LocMemCache

from reglab.project.source_lines import ProjectFrames


@contextmanager
def cache_hits(frames: ProjectFrames) -> Iterator[list[tuple[str, ...]]]:
    """Give the list of lines that found something inside the block, in their order."""
    hits: list[tuple[str, ...]] = []
    get = LocMemCache.get

    def noted(cache: LocMemCache, *values: Any, **named: Any) -> Any:
        found = get(cache, *values, **named)
        if found is not None and (places := frames.words(frames.capture(sys._getframe(1)))):  # noqa: SLF001
            hits.append(places)
        return found

    with mock.patch.object(LocMemCache, "get", noted):
        yield hits
