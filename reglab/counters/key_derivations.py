"""Counts derivations of keys from passwords: each is made to cost as much as hundreds of queries, in one call in C."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from reglab.counters.definition import CounterMetric, Definition, Layer
from reglab.counters.queries import EVIDENCE_KEPT
from reglab.report.records import Evidence, Measurement

if TYPE_CHECKING:
    from reglab.project.source_lines import Mark, ProjectFrames

KEY_DERIVATIONS: Final = CounterMetric(
    name="key_derivations",
    unit="calls",
    meaning="keys derived from passwords by functions that are slow on purpose, by function",
    is_parted=True,
    is_zero_when_absent=True,
    can_grow=False,
    unit_of_one="derivation of a key",
)
# The functions that are slow on purpose, with the arguments that say how slow: place and name.
_SLOW: Final[Mapping[tuple[str, str], tuple[tuple[int, str], ...]]] = {
    ("hashlib", "pbkdf2_hmac"): ((3, "iterations"),),
    ("hashlib", "scrypt"): ((-1, "n"), (-1, "r"), (-1, "p")),
    ("bcrypt", "hashpw"): (),
    ("bcrypt", "checkpw"): (),
    ("bcrypt", "kdf"): ((3, "rounds"),),
    ("argon2.low_level", "hash_secret"): ((2, "time_cost"), (3, "memory_cost")),
    ("argon2.low_level", "hash_secret_raw"): ((2, "time_cost"), (3, "memory_cost")),
    ("argon2.low_level", "verify_secret"): (),
}
_Listener = Callable[[str, str, FrameType], None]
_listeners: Final[list[_Listener]] = []
_telling: Final[set[tuple[str, str]]] = set()


class KeyDerivations:
    """Counts `key_derivations`, by function. Evidence is the line that asked for it, and how slow it is.

    Time is not counted, so that a busy machine changes nothing. A cheap one, as test settings have it, counts as well.
    """

    def __init__(self, *, frames: ProjectFrames) -> None:
        self._frames = frames
        # Function, what was asked for, and the project's lines.
        self._seen: list[tuple[str, str, tuple[Mark, ...]]] = []

    def __enter__(self) -> Self:
        _let_all_tell()
        _listeners.append(self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _listeners.remove(self._note)

    def counts(self) -> tuple[Measurement, ...]:
        """Return one count a function, sorted; none where no key was derived."""
        parts: dict[str, dict[tuple[str, tuple[str, ...]], int]] = {}
        for part, text, marks in self._seen:
            places = parts.setdefault(part, {})
            key = (text, self._frames.words(marks))
            places[key] = places.get(key, 0) + 1
        return tuple(
            Measurement(
                metric=KEY_DERIVATIONS,
                part=part,
                values=(sum(places.values()),),
                evidence=tuple(
                    Evidence(kind="call", text=text, count=count, source=words[0], frames=words[1:])
                    for (text, words), count in sorted(places.items(), key=lambda item: -item[1])[:EVIDENCE_KEPT]
                ),
            )
            for part, places in sorted(parts.items())
        )

    def _note(self, function: str, text: str, frame: FrameType) -> None:
        if marks := self._frames.capture(frame):
            self._seen.append((function, text, marks))


def _let_all_tell() -> None:
    """Let each of the functions tell of its calls, as soon as its module is there, under every name that it has."""
    for module, name in _SLOW:
        if (module, name) not in _telling and hasattr(sys.modules.get(module), name):
            _telling.add((module, name))
            _let_tell(module, name)


def _let_tell(module: str, name: str) -> None:
    function = getattr(sys.modules[module], name)

    def telling(*arguments: Any, **named: Any) -> Any:
        if _listeners:
            costs = _costs(_SLOW[module, name], arguments, named)
            for listener in _listeners:
                listener(f"{module}.{name}", f"{module}.{name}({costs})", sys._getframe(1))  # noqa: SLF001  # the documented way to a frame
        return function(*arguments, **named)

    for one in list(sys.modules.values()):
        own = getattr(one, "__dict__", {})
        for key in [key for key, value in own.items() if value is function]:
            own[key] = telling


def _costs(places: tuple[tuple[int, str], ...], arguments: tuple[Any, ...], named: Mapping[str, Any]) -> str:
    """Say how slow the call is; never a password."""
    found = {name: named.get(name, arguments[place] if 0 <= place < len(arguments) else None) for place, name in places}
    return ", ".join(f"{name}={value}" for name, value in found.items() if value is not None)


COUNTER: Final = Definition(
    metrics=(KEY_DERIVATIONS,),
    layer=Layer.STATEMENTS,
    make=lambda execution: KeyDerivations(frames=execution.frames),
)
