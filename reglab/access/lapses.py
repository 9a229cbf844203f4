"""Lapses that no check of settings sees: each is accepted by its id, as an issue of Django's deployment checks is."""

from dataclasses import dataclass
from typing import Final

SECRET_LOGGED: Final = "reglab.W002"  # noqa: S105  # an id, no secret
RIGHT_REMEMBERED: Final = "reglab.W003"
ROW_TOLD: Final = "reglab.W004"
HEAD_ANSWERED: Final = "reglab.W005"
FAILURES_FORGOTTEN: Final = "reglab.W006"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapse:
    """One lapse, the scenario that shows it, and the project's lines."""

    id: str
    scenario: str
    endpoint: str
    text: str
    places: tuple[str, ...] = ()
