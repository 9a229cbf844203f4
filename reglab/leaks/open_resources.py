"""Threads, database sessions, files and sockets of this process, and the project's lines that opened them."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final
from unittest import mock

from django.db.backends.base.base import BaseDatabaseWrapper

from reglab.project.data.driver import fetch, is_postgres
from reglab.project.source_lines import ProjectFrames

_DESCRIPTORS: Final = Path("/proc/self/fd")
# Files there are files, whatever the folder above is full of.
_SHARED_MEMORY: Final = "/dev/shm/"  # noqa: S108  # it is looked at, not written to
_SESSIONS: Final = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
Places = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenResources:
    """What is open at one moment: threads by name, sessions by process id, descriptors by what they point at."""

    threads: frozenset[threading.Thread]
    sessions: frozenset[int]
    descriptors: dict[str, str]

    def __bool__(self) -> bool:
        """Whether anything is open."""
        return bool(self.threads or self.sessions or self.descriptors)

    def more_than(self, before: "OpenResources") -> "OpenResources":
        """Return what was not open before."""
        known = {*before.descriptors.items()}
        return OpenResources(
            threads=self.threads - before.threads,
            sessions=self.sessions - before.sessions,
            descriptors=dict(item for item in self.descriptors.items() if item not in known),
        )


def open_resources(connections: tuple[BaseDatabaseWrapper, ...]) -> OpenResources:
    """Look at this process and at the sessions of its databases."""
    return OpenResources(
        threads=frozenset(threading.enumerate()),
        sessions=frozenset(
            pid for connection in connections if is_postgres(connection) for (pid,) in fetch(connection, _SESSIONS)
        ),
        descriptors=dict(_descriptors()),
    )


def _descriptors() -> Iterator[tuple[str, str]]:
    try:
        entries = list(_DESCRIPTORS.iterdir())
    except OSError:
        return
    for entry in entries:
        try:
            target = str(entry.readlink())
        except OSError:
            continue
        # Sockets of database sessions are counted as sessions; pipes and event queues belong to the interpreter.
        is_device = target.startswith(("/dev/", "/proc/")) and not target.startswith(_SHARED_MEMORY)
        if target.startswith("/") and not is_device:
            yield entry.name, target


@dataclass(slots=True, kw_only=True)
class Openers:
    """The project's lines that started threads, opened sessions and opened files inside the block."""

    frames: ProjectFrames
    threads: dict[int, Places] = field(default_factory=dict)
    sessions: list[Places] = field(default_factory=list)
    files: dict[str, Places] = field(default_factory=dict)

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note who starts and who opens."""
        start, connect = threading.Thread.start, BaseDatabaseWrapper.connect

        def noted_start(thread: threading.Thread) -> None:
            self.threads[id(thread)] = self._here()
            start(thread)

        def noted_connect(connection: BaseDatabaseWrapper) -> None:
            # In a thread of the project's, the line that started it says more than the one that reads.
            starter = self.threads.get(id(threading.current_thread()), ())
            self.sessions.append((*starter, *self._here()))
            connect(connection)

        with ExitStack() as stack:
            stack.enter_context(mock.patch.object(threading.Thread, "start", noted_start))
            stack.enter_context(mock.patch.object(BaseDatabaseWrapper, "connect", noted_connect))
            _watch()
            _watchers.append(self._opened)
            stack.callback(_watchers.remove, self._opened)
            yield

    def _opened(self, path: str) -> None:
        if places := self._here():
            self.files[str(Path(path).absolute())] = places

    def _here(self) -> Places:
        return self.frames.words(self.frames.capture(sys._getframe(2)))  # noqa: SLF001  # the documented way to a frame


_watchers: list[Any] = []
_here = threading.local()


def _audited(event: str, arguments: tuple[Any, ...]) -> None:
    # Finding the line reads files itself, and must not find itself doing so.
    if not _watchers or event != "open" or getattr(_here, "is_watching", False):
        return
    if isinstance(arguments[0], str | bytes):
        _here.is_watching = True
        try:
            for watcher in _watchers:
                watcher(os.fsdecode(arguments[0]))
        finally:
            _here.is_watching = False


@cache
def _watch() -> None:
    """Add the hook at its first use: it stays for the life of a process, in which threads then trace less safely."""
    sys.addaudithook(_audited)
