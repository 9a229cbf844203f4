"""Effects outside of the database that a request has between its first write and the commit."""

import http.client
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Final
from unittest import mock

import django.core.cache
from django.core.cache.backends.locmem import LocMemCache
from django.core.mail import EmailMessage
from django.db.backends.base.base import BaseDatabaseWrapper

from reglab.project.source_lines import ProjectFrames

_CACHES: Final = str(Path(django.core.cache.__file__).parent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One effect that no rollback takes back, and the project's lines."""

    told: str
    places: tuple[str, ...]


class Effects:
    """Mail, tasks and requests to other servers, and values in a cache, that come before the commit.

    A value in a cache counts where the project's own line puts it there: libraries keep counts of their own.
    """

    def __init__(self, connections: Sequence[BaseDatabaseWrapper], *, frames: ProjectFrames) -> None:
        self.found: list[Effect] = []
        self._connections = connections
        self._frames = frames
        self._has_written: Callable[[], bool] = lambda: False

    @contextmanager
    def noted(self, has_written: Callable[[], bool]) -> Iterator[None]:
        """Note the effects of the block. `has_written` tells whether a statement has written already."""
        self._has_written = has_written
        with ExitStack() as stack:
            for owner, name, told in self._places():
                stack.enter_context(mock.patch.object(owner, name, self._noting(getattr(owner, name), told)))
            yield

    def _places(self) -> Iterator[tuple[Any, str, Callable[..., str]]]:
        yield EmailMessage, "send", lambda message, *_: f"the mail {message.subject!r} is sent"
        yield LocMemCache, "set", lambda _, key, *__: f"{key!r} is put into the cache"
        yield http.client.HTTPConnection, "putrequest", lambda to, method, url, *_: f"{method} {to.host}{url} is sent"
        if "celery.app.task" in sys.modules:
            yield sys.modules["celery.app.task"].Task, "apply_async", lambda task, *_: f"the task {task.name} is queued"

    def _noting(self, method: Callable[..., Any], told: Callable[..., str]) -> Callable[..., Any]:
        def noted(instance: Any, *values: Any, **named: Any) -> Any:
            frame = sys._getframe(1)  # noqa: SLF001  # the documented way to a frame
            is_own = not isinstance(instance, LocMemCache) or self._is_own(frame)
            if is_own and self._has_written() and any(one.in_atomic_block for one in self._connections):
                key = {"key": named["key"]}.values() if "key" in named else ()
                places = self._frames.words(self._frames.capture(frame))
                effect = Effect(told=told(instance, *key, *values), places=places)
                if effect not in self.found:
                    self.found.append(effect)
            return method(instance, *values, **named)

        return noted

    def _is_own(self, frame: FrameType | None) -> bool:
        while frame is not None and frame.f_code.co_filename.startswith((_CACHES, __file__)):
            frame = frame.f_back
        return frame is not None and self._frames.is_project(frame.f_code.co_filename)
