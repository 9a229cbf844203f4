"""Judgement of a sighting: caught with its cause, caught for a wrong reason (missed, too), missed, a false alarm."""

from enum import StrEnum

from tools.planted.catalogue import NeutralChange, Regression
from tools.planted.sightings import Sighting


class Judgement(StrEnum):
    """How the gate did on one entry of the catalogue. Only the first two are good."""

    CAUGHT = "caught"
    PASSED = "passed"
    WRONG_CAUSE = "wrong cause"
    MISSED = "missed"
    FALSE_ALARM = "false alarm"
    NOT_RUN = "could not run"

    @property
    def is_good(self) -> bool:
        """Whether the gate did what it is there for."""
        return self in {Judgement.CAUGHT, Judgement.PASSED}


def judged(entry: Regression | NeutralChange, sighting: Sighting) -> tuple[Judgement, str]:
    """Judge what was seen of an entry. The second part says what is not as it should be, where something is not."""
    if sighting.complaint:
        return Judgement.NOT_RUN, sighting.complaint
    if isinstance(entry, NeutralChange):
        if sighting.is_pass:
            return Judgement.PASSED, ""
        return Judgement.FALSE_ALARM, f"{sighting.outcome}: {_named(sighting)}"
    return _judged_regression(entry, sighting)


def is_placed(entry: Regression | NeutralChange, sighting: Sighting) -> bool:
    """Tell whether a regression fails, and by the endpoint and the counter that it must, whatever cause is named."""
    return (
        isinstance(entry, Regression)
        and sighting.is_fail
        and (sighting.endpoint, sighting.metric) == (entry.finding.endpoint, entry.finding.metric)
    )


def _judged_regression(entry: Regression, sighting: Sighting) -> tuple[Judgement, str]:
    known = f" (known: {entry.missed})" if entry.missed else ""
    if sighting.outcome != entry.outcome:
        expected = f"expected {entry.finding.rule} to {entry.outcome}"
        return Judgement.MISSED, f"the verdict is {sighting.outcome}, {expected}{known}"
    wrong = [
        f"{name} is {found!r}, expected {expected!r}"
        for name, found, expected in (
            ("rule", sighting.rule, entry.finding.rule),
            ("endpoint", sighting.endpoint, entry.finding.endpoint),
            ("metric", sighting.metric, entry.finding.metric),
        )
        if found != expected
    ]
    wrong += [f"it does not say {word!r}" for word in entry.finding.says if word not in sighting.told]
    if wrong:
        return Judgement.WRONG_CAUSE, f"{'; '.join(wrong)}; first: {_named(sighting)}{known}"
    if entry.missed:
        return Judgement.WRONG_CAUSE, "it is caught, with its cause: take `missed` out of the catalogue"
    return Judgement.CAUGHT, ""


def _named(sighting: Sighting) -> str:
    return f"{sighting.rule} · {sighting.endpoint} · {sighting.told}"
