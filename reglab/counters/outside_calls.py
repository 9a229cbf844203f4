"""Counts what a request does outside of its own thread and its database, and what it does in one slow call."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from types import FrameType, ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Final, Self
from unittest import mock

from reglab.counters.engine.definition import CounterMetric, Definition, Layer
from reglab.counters.queries import EVIDENCE_KEPT
from reglab.project.slow_functions import slow_calls
from reglab.report.records import Evidence, Measurement

if TYPE_CHECKING:
    from django.core.mail import EmailMessage

    from reglab.project.source_lines import Mark, ProjectFrames

OUTSIDE_CALLS: Final = CounterMetric(
    name="outside_calls",
    unit="calls",
    meaning="threads and processes started, connections opened, mails sent and sleeps, by kind",
    is_parted=True,
    is_zero_when_absent=True,
    can_grow=False,
    unit_of_one="call",
)
KEY_DERIVATIONS: Final = CounterMetric(
    name="key_derivations",
    unit="calls",
    meaning="keys derived from passwords by functions that are slow on purpose, by function",
    is_parted=True,
    is_zero_when_absent=True,
    can_grow=False,
    unit_of_one="derivation of a key",
)
_THREAD: Final = "thread"
_SLEEP: Final = "sleep"
_ASGIREF: Final = os.path.join("asgiref", "sync.py")  # noqa: PTH118  # compared with names of code, which are texts
# The interpreter's own audit events, with the part that each counts as. A process that `subprocess` starts raises
# others on its way, which differ between platforms.
_PARTS: Final = {
    "_thread.start_new_thread": _THREAD,
    "_thread.start_joinable_thread": _THREAD,
    "subprocess.Popen": "process",
    "os.fork": "process",
    "os.system": "process",
    "os.spawn": "process",
    "socket.connect": "connection",
    "time.sleep": _SLEEP,
}


class OutsideCalls:
    """Counts `outside_calls`, by kind, and `key_derivations`, by function. Evidence is the line and what it asked for.

    They cost milliseconds that no count of Python's own work shows. A derivation that test settings make cheap counts
    as well. Known are those of Python; a driver's own connection in C is not, and what no line of the project's stands
    above is the harness's or a library's.
    """

    def __init__(self, *, frames: ProjectFrames) -> None:
        self._frames = frames
        # Part, what was asked for, and the project's lines.
        self._seen: list[tuple[str, str, tuple[Mark, ...]]] = []
        self._derived: list[tuple[str, str, tuple[Mark, ...]]] = []
        self._undo = ExitStack()

    def __enter__(self) -> Self:
        _listen(self._note)
        self._undo.enter_context(slow_calls(self._note_derivation))
        self._undo.enter_context(self._mails_noted())
        return self

    def _mails_noted(self) -> AbstractContextManager[object]:
        """Note each mail that the backend of tests is given, which stands in for the project's."""
        # Late: whoever only reads what a counter is called needs no Django.
        from django.core.mail.backends.locmem import EmailBackend

        send = EmailBackend.send_messages

        def noted(backend: EmailBackend, messages: Sequence[EmailMessage]) -> int:
            # One connection takes several mails.
            kept = list(messages)
            marks = self._frames.capture(sys._getframe(1))  # noqa: SLF001  # the documented way to a frame
            self._seen += [("mail", f"sends the mail {one.subject!r}", marks) for one in kept if marks]
            return send(backend, kept)

        return mock.patch.object(EmailBackend, "send_messages", noted)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()
        _listeners.remove(self._note)

    def counts(self) -> tuple[Measurement, ...]:
        """Return one count a kind, and one a function, sorted; none where nothing of it was done."""
        return (*self._of(OUTSIDE_CALLS, self._seen), *self._of(KEY_DERIVATIONS, self._derived))

    def _of(self, metric: CounterMetric, seen: Sequence[tuple[str, str, tuple[Mark, ...]]]) -> Iterator[Measurement]:
        parts: dict[str, dict[tuple[str, tuple[str, ...]], int]] = {}
        for part, text, marks in seen:
            places = parts.setdefault(part, {})
            key = (text, self._frames.words(marks))
            places[key] = places.get(key, 0) + 1
        for part, places in sorted(parts.items()):
            yield Measurement(
                metric=metric,
                part=part,
                values=(sum(places.values()),),
                evidence=tuple(
                    Evidence(kind="call", text=text, count=count, source=words[0], frames=words[1:])
                    for (text, words), count in sorted(places.items(), key=lambda item: -item[1])[:EVIDENCE_KEPT]
                ),
            )

    def _note_derivation(self, function: str, text: str, frame: FrameType) -> None:
        if marks := self._frames.capture(frame):
            self._derived.append((function, text, marks))

    def _note(self, event: str, arguments: tuple[Any, ...], frame: FrameType) -> None:
        if _PARTS[event] == _THREAD and self._is_of_asgiref(frame):
            return
        if marks := self._frames.capture(frame):
            self._seen.append((_PARTS[event], _told(event, arguments), marks))

    def _is_of_asgiref(self, frame: FrameType | None) -> bool:
        """Tell whether asgiref starts a thread, which joins asynchronous code to other: a server needs fewer of them.

        It keeps some for the process, so that which request starts one is chance.
        """
        while frame is not None and not self._frames.relative(frame.f_code.co_filename):
            if frame.f_code.co_filename.endswith(_ASGIREF):
                return True
            frame = frame.f_back
        return False


def _told(event: str, arguments: tuple[Any, ...]) -> str:
    """Say what was asked for, without what differs from one execution to the next."""
    if _PARTS[event] == _SLEEP:
        return f"time.sleep({arguments[0]!r})"
    if event == "socket.connect":
        address = arguments[1]
        return f"connects to {address[0] if isinstance(address, tuple) and address else address}"
    if event == "subprocess.Popen":
        return f"runs {arguments[0]!s}"
    if _PARTS[event] == _THREAD:
        return "starts a thread"
    return f"starts a process ({event})"


_Listener = Callable[[str, tuple[Any, ...], FrameType], None]
_listeners: Final[list[_Listener]] = []
_here = threading.local()
_hooked: Final[list[bool]] = []
# Python 3.13 tells of sleeps and threads itself.
_HAS_EVENTS: Final = sys.version_info >= (3, 13)
_TOLD: Final = frozenset({"_thread.start_new_thread", "time.sleep"})


def _listen(listener: _Listener) -> None:
    # A hook stays for the life of a process: it is set where something counts, and does nothing meanwhile.
    if not _hooked:
        _hooked.append(True)
        if not _HAS_EVENTS:
            _tell_of("_thread.start_new_thread", threading, "_start_new_thread")
            _tell_of("time.sleep", time, "sleep")
        sys.addaudithook(_audited)
    _listeners.append(listener)


def _tell_of(event: str, module: ModuleType, name: str) -> None:
    """Let a function of the interpreter tell of its calls, under every name that it was imported by."""
    function = getattr(module, name)

    def telling(*arguments: Any, **named: Any) -> Any:
        _note(event, arguments, sys._getframe(1))  # noqa: SLF001  # the documented way to a frame
        return function(*arguments, **named)

    for one in list(sys.modules.values()):
        own = getattr(one, "__dict__", {})
        for key in [key for key, value in own.items() if value is function]:
            own[key] = telling


def _audited(event: str, arguments: tuple[Any, ...]) -> None:
    if _listeners and event in _PARTS and (_HAS_EVENTS or event not in _TOLD):
        _note(event, arguments, sys._getframe(1))  # noqa: SLF001  # the documented way to a frame


def _note(event: str, arguments: tuple[Any, ...], frame: FrameType) -> None:
    if not _listeners or getattr(_here, "is_noting", False):
        return
    _here.is_noting = True
    try:
        for listener in _listeners:
            listener(event, arguments, frame)
    finally:
        _here.is_noting = False


COUNTER: Final = Definition(
    metrics=(OUTSIDE_CALLS, KEY_DERIVATIONS),
    layer=Layer.STATEMENTS,
    make=lambda execution: OutsideCalls(frames=execution.frames),
)
