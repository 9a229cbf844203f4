"""Outcomes of a finding and a verdict, and the exit code of each."""

from collections.abc import Iterable
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Outcome(StrEnum):
    """The lattice pass < inconclusive < fail, and `note`, which is shown and never decides."""

    PASS = "pass"  # noqa: S105 -- an outcome, not a password
    NOTE = "note"
    INCONCLUSIVE = "inconclusive"
    FAIL = "fail"

    @property
    def severity(self) -> int:
        """Rank for "worst first": pass 0, note 1, inconclusive 2, fail 3."""
        return list(Outcome).index(self)


EXIT_COULD_NOT_RUN: Final = 2

EXIT_CODES: Final = MappingProxyType(
    {Outcome.PASS: 0, Outcome.NOTE: 0, Outcome.FAIL: 1, Outcome.INCONCLUSIVE: 3},
)


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the join of `outcomes`. Nothing at all is a fail: no evidence is not a pass."""
    present = set(outcomes)
    if not present - {Outcome.NOTE}:
        return Outcome.FAIL
    return max(present - {Outcome.NOTE}, key=lambda outcome: outcome.severity)
