"""Log records that hold what proves a caller: whoever reads the log could be that caller."""

import logging
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final
from unittest import mock

from reglab.access.lapses.lapse import SECRET_LOGGED, Lapse
from reglab.project.source_lines import ProjectFrames

# A shorter one could stand in a sentence by chance.
_LENGTH_MIN: Final = 16
_TEXT_LENGTH: Final = 80
# What every record has; the rest was given as `extra`.
_USUAL: Final = frozenset(vars(logging.makeLogRecord({})))


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedSecret:
    """The level and logger of a record that holds a secret, its text without it, and the project's lines."""

    logger: str
    level: str
    text: str
    places: tuple[str, ...]


@contextmanager
def logged_secrets(secrets: Iterable[str], *, frames: ProjectFrames) -> Iterator[list[LoggedSecret]]:
    """Keep the block's records out of the log, and give those that would have written one of the secrets into it.

    A level that the project does not log at is none of its log.
    """
    wanted = [secret for secret in secrets if len(secret) >= _LENGTH_MIN]
    found: list[LoggedSecret] = []

    def looked_at(_logger: logging.Logger, record: logging.LogRecord) -> None:
        text = _text(record) if wanted else ""
        for secret in wanted:
            if secret in text:
                shown = " ".join(text.replace(secret, "…").split())[:_TEXT_LENGTH]
                places = frames.words(frames.capture(sys._getframe(1)))  # noqa: SLF001  # the documented way to a frame
                found.append(LoggedSecret(logger=record.name, level=record.levelname, text=shown, places=places))

    with mock.patch.object(logging.Logger, "callHandlers", looked_at):
        yield found


def secrets_told(scenario: str, endpoint: str, caller: str, logged: Iterable[LoggedSecret]) -> Iterator[Lapse]:
    """Tell of each record that would have written what proves a caller."""
    for one in logged:
        yield Lapse(
            id=SECRET_LOGGED,
            scenario=scenario,
            endpoint=endpoint,
            text=f"{caller}: what proves the caller is written into the log {one.logger!r} ({one.level}): {one.text}",
            places=one.places,
        )


def _text(record: logging.LogRecord) -> str:
    """Return the message of a record, and the texts that go with it for formatters to write."""
    try:
        message = record.getMessage()
    except (TypeError, ValueError, KeyError):
        # A record that cannot be formatted is written by nobody.
        return ""
    extra = (value for name, value in vars(record).items() if name not in _USUAL and _is_text(value))
    return " ".join((message, *map(str, extra)))


def _is_text(value: Any) -> bool:
    return isinstance(value, str | Mapping | list | tuple)
