"""Races of a suite file: which requests meet on which rows, and what is left out, with the reason."""

from typing import Annotated

from pydantic import Field

from reglab.config.suite_parts import Binding, Reason, Strict

Patterns = Annotated[tuple[str, ...], Field(strict=False, min_length=1)]


class Race(Strict):
    """Rows that several clients write at once. Every pair of the scenarios that take part is interleaved.

    `on` are bindings that stand for the same rows in all requests, in place of the suite's own; the filter of one may
    name those before it (`{order}`). Of the writing scenarios that `scenarios` selects, those take part that use one
    of them, or all where there is none.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    on: dict[str, Binding] = {}
    scenarios: Patterns = ("*",)


class WithoutRace(Strict):
    """Writing scenarios that take part in no race, and why."""

    scenario: str
    reason: Reason


class RaceException(Strict):
    """Fields of the answers of a pair of scenarios that may be of another moment, and why. Rows know no exception."""

    scenarios: Annotated[tuple[str, str], Field(strict=False)]
    fields: Patterns
    reason: Reason
