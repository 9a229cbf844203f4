"""Lapses that no check of settings sees: each is accepted by its id, as an issue of Django's deployment checks is."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from reglab.project.outages import Outage
from reglab.project.statements import shape_of

SECRET_LOGGED: Final = "reglab.W002"  # noqa: S105  # an id, no secret
RIGHT_REMEMBERED: Final = "reglab.W003"
ROW_TOLD: Final = "reglab.W004"
HEAD_ANSWERED: Final = "reglab.W005"
FAILURES_FORGOTTEN: Final = "reglab.W006"
ADDRESS_FORGED: Final = "reglab.W007"
ASKED_AGAIN: Final = "reglab.W008"
LINE_FORGED: Final = "reglab.W009"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """One lapse, the scenario that shows it, and the project's lines."""

    id: str
    scenario: str
    endpoint: str
    text: str
    places: tuple[str, ...] = ()


def asked_again(scenario: str, endpoint: str, outage: Outage) -> Iterator[Lapse]:
    """Yield what one request asks again of a database that did not answer: in an outage, it doubles the load."""
    for sql, count, place in islice(outage.asked_again(), 1):
        yield Lapse(
            id=ASKED_AGAIN,
            scenario=scenario,
            endpoint=endpoint,
            text=f"a database that does not answer is asked {count} times by one request: {shape_of(sql).text}",
            places=(place,) if place else (),
        )
