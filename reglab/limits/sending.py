"""Sends one input inside the child, and says what became of it."""

import random
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final
from unittest import mock

from django.core.signals import got_request_exception
from django.db import DatabaseError
from django.http.response import HttpResponseBase

from reglab.limits.fields import Path, Readers
from reglab.limits.inputs import WHOLE_BODY, Input
from reglab.limits.sameness import is_same
from reglab.limits.tracing import altering_line, busy_at
from reglab.project.audit_ground import AuditGround
from reglab.project.data.isolation import Sequences, forget_caches, rolled_back
from reglab.project.requests.asked_for import AskedFor
from reglab.project.requests.silence import quiet
from reglab.project.requests.test_client import Request, answers_to
from reglab.project.tracebacks import parsed_in, raised_in

CPU_SECONDS_MAX: Final = 3.0
# Enough to see an error: nobody waits for the end of as much work as there may be.
_CPU_SECONDS_OF_MUCH: Final = 1.0
_UNAVAILABLE: Final = 503
STORED: Final = "stored as the client sent it"
LEFT_ALONE: Final = "left alone"
_SECRETS: Final = ("password", "token", "secret")


class TookTooLong(BaseException):
    """One input has used up its share of the processor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one input: `metric` is empty where all is well. Sent from the child to its parent as JSON.

    `found` is the value that was answered or stored in place of the one that was sent.
    """

    metric: str = ""
    text: str = ""
    places: tuple[str, ...] = ()
    status: int = 0
    found: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the outcome for JSON."""
        return asdict(self)


class Sender:
    """Sends inputs, each from the same rows."""

    def __init__(self, ground: AuditGround) -> None:
        self._ground = ground
        self._visitor = ground.visitor()
        self._sequences = Sequences()
        self._error: BaseException | None = None

    def probe(self, request: Request) -> tuple[AskedFor, Readers]:
        """Send a request as it is; return what it asks for in vain, and what read its data."""
        asked, readers = AskedFor(frames=self._ground.frames), Readers()
        with asked.noted(), readers.noted():
            self._send(request)
        return asked, readers

    def is_unheard(self, one: Input) -> bool:
        """Whether a valid value comes back as another: the endpoint may not read the field at all."""
        return self.outcome(one).metric == "values_altered"

    def outcome(self, one: Input) -> Outcome:
        """Send an input and hold what came of it against what must be."""
        readers = Readers()
        busy: list[str] = []
        kept: list[Any] = []
        seconds = _CPU_SECONDS_OF_MUCH if one.is_much else CPU_SECONDS_MAX
        try:
            with (
                limited_cpu(busy, self._ground, seconds=seconds),
                readers.noted(),
                chance(one.chance, self._ground),
            ):
                status, body = self._send(
                    one.request, look=lambda: kept.extend((_stored(readers, one), _is_stored(readers, one)))
                )
        except TookTooLong:
            if one.is_much:
                return Outcome()
            return Outcome(
                metric="inputs_crashed", text=f"busy for more than {CPU_SECONDS_MAX:.0f} s of CPU", places=tuple(busy)
            )
        return self._judged(one, status, body, kept)

    def _judged(self, one: Input, status: int, body: bytes, kept: Sequence[Any]) -> Outcome:
        if status == _UNAVAILABLE and one.is_much:
            return Outcome(status=status)
        if status >= 500 and self._error is not None:
            return Outcome(
                metric="inputs_failed", text=told_error(self._error), places=self._places(one), status=status
            )
        if not 200 <= status < 300:
            return Outcome(status=status)
        stored, is_stored = kept or (_UNKNOWN, True)
        if not is_stored:
            return Outcome(metric="values_altered", text="answered with a row that is not stored", status=status)
        return self._followed(one, body, stored, status)

    def _followed(self, one: Input, body: bytes, stored: Any, status: int) -> Outcome:
        if one.is_assignment:
            if one.compared:
                # Where no row is seen nothing is known: neither that the value was taken, nor that it was left.
                fate = STORED if is_same(stored, one.sent) else LEFT_ALONE
                return Outcome(status=status, text="" if stored is _UNKNOWN else fate)
            if is_same(stored, one.sent):
                return Outcome(
                    metric="read_only_written", text=f"{one.part} is stored as the client sent it", status=status
                )
            return Outcome(status=status)
        if not one.is_followed or any(word in one.part.lower() for word in _SECRETS):
            return Outcome(status=status)
        for where, found in (("answered", _answered(body, one.path)), ("stored", stored)):
            if found is not _UNKNOWN and not is_same(found, one.sent):
                places: tuple[str, ...] = ()
                if isinstance(found, str) and isinstance(one.sent, str):
                    line = altering_line(
                        lambda: self._send(one.request), altered=found, sent=one.sent, frames=self._ground.frames
                    )
                    places = (line,) if line else ()
                text = f"{where} as {_short(found)}, sent as {_short(one.sent)}"
                return Outcome(metric="values_altered", text=text, places=places, status=status, found=_short(found))
        return Outcome(status=status)

    def _send(self, request: Request, *, look: Any = None) -> tuple[int, bytes]:
        self._sequences.restore()
        forget_caches()
        self._error = None
        responses: list[HttpResponseBase] = []
        got_request_exception.connect(self._note)
        try:
            with quiet(), rolled_back():
                self._visitor.send((request,), responses=responses)
                answer = answers_to((request,), responses)[0]
                if look is not None and 200 <= answer.status < 300:
                    look()
        finally:
            got_request_exception.disconnect(self._note)
        return answer.status, answer.body

    def _note(self, **_: Any) -> None:
        self._error = self._error or sys.exc_info()[1]

    def _places(self, one: Input) -> tuple[str, ...]:
        places = parsed_in if one.part == WHOLE_BODY else raised_in
        return places(self._error.__traceback__, self._ground.frames) if self._error else ()


@contextmanager
def limited_cpu(busy: list[str], ground: AuditGround, *, seconds: float = CPU_SECONDS_MAX) -> Iterator[None]:
    """Raise TookTooLong where the block uses up its CPU time, and note what it was busy with."""

    def struck(_: int, frame: Any) -> None:
        busy.extend(busy_at(frame, ground.frames))
        raise TookTooLong

    previous = signal.signal(signal.SIGPROF, struck)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)


@contextmanager
def chance(value: float | None, ground: AuditGround) -> Iterator[None]:
    """Let `random.random()` give one value where the project's own code calls it."""
    if value is None:
        yield
        return
    original = random.random

    def fixed() -> float:
        caller = sys._getframe(1).f_code.co_filename  # noqa: SLF001  # the documented way to a frame
        return value if ground.frames.is_project(caller) else original()

    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(random, "random", fixed))
        yield


_UNKNOWN: Final = object()


def _is_stored(readers: Readers, one: Input) -> bool:
    """Tell whether the row that a write answers with is there: whoever swallows its error says that it was written."""
    row = readers.instance
    if row is None or row.pk is None or one.request.method not in {"POST", "PUT", "PATCH"}:
        return True
    try:
        return bool(row.__class__._base_manager.filter(pk=row.pk).exists())  # noqa: SLF001  # Django's public name for it
    except DatabaseError:
        return True


def _stored(readers: Readers, one: Input) -> Any:
    """Return the value that the database holds now, as far as a saved row has a field of that name."""
    row = readers.instance
    if row is None or len(one.path) != 1:
        return _UNKNOWN
    name = str(one.path[0])
    if name not in {field.name for field in row._meta.concrete_fields}:  # noqa: SLF001  # Django's public name for it
        return _UNKNOWN
    try:
        # By its class as it says itself: a lazy object, such as `request.user`, is of another type.
        found = row.__class__._base_manager.filter(pk=row.pk).values_list(name, flat=True)  # noqa: SLF001
        return next(iter(found), _UNKNOWN)
    except DatabaseError:
        return _UNKNOWN


def _answered(body: bytes, path: Path) -> Any:
    import json

    try:
        value = json.loads(body)
        for step in path:
            value = value[step]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return _UNKNOWN
    return value if isinstance(value, str | int | float) and not isinstance(value, bool) else _UNKNOWN


def _short(value: Any) -> str:
    text = ascii(value)
    return text if len(text) <= 50 else f"a text of {len(str(value)):,} characters ({text[:20]}…)"


def told_error(error: BaseException | None) -> str:
    """Return an exception's type, and the first line of what it says."""
    lines = str(error).strip().splitlines() if error else []
    return f"{type(error).__name__}: {lines[0][:150]}" if error and lines else type(error).__name__
