"""Patience: calls of somebody who fails to say who it is that are answered before the address has to wait."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import cycle, islice
from typing import Final

from django.utils import timezone

from reglab.access.lapses.lapse import ADDRESS_FORGED, FAILURES_FORGOTTEN, Lapse
from reglab.project.data.isolation import forget_caches, rolled_back, stopped_clock
from reglab.project.requests.silence import quiet
from reglab.project.requests.test_client import Request

CALLS_MAX: Final = 120
_TOO_MANY: Final = 429
_BEHIND_IT: Final = 3
# What a proxy writes down of whom it serves, and anybody may send where none stands in front.
_NAMING: Final = {"X-Forwarded-For": "203.0.113.{}", "X-Real-IP": "203.0.113.{}", "Forwarded": "for=203.0.113.{}"}
Send = Callable[[Request], int]


def never_waiting(
    requests: Sequence[Request], send: Send, others: Mapping[str, Callable[[], object]], *, answered: int
) -> Iterator[Lapse]:
    """Yield the ways in which an address that fails may go on for ever, where it has to wait otherwise."""
    for told in _forgetting(requests, send, others, answered=answered):
        yield _lapse(
            FAILURES_FORGOTTEN,
            f"an address that has failed {answered - 1} times may begin again after {told}: whoever guesses tokens or "
            "passwords never has to wait",
        )
    for header in _forging(requests, send, answered=answered):
        yield _lapse(
            ADDRESS_FORGED,
            f"an address is taken from the header {header}, which anybody may send: with another one in each call, "
            "whoever guesses tokens or passwords never has to wait",
        )


def _lapse(name: str, text: str) -> Lapse:
    return Lapse(id=name, scenario="(failed calls)", endpoint="", text=text)


def answered_calls(requests: Sequence[Request], send: Send) -> int:
    """Return how many calls of one address are answered; 0 where it never has to wait, or each URL counts by itself.

    A count for each URL lets an address go on elsewhere, and would be another one as soon as the suite has more URLs.
    """
    of_one, of_all = _answered(requests[:1], send), _answered(requests, send)
    return of_all if of_all == of_one else 0


def _answered(requests: Sequence[Request], send: Send) -> int:
    """Send to one URL after the other until the address has to wait."""

    def statuses() -> list[int]:
        found: list[int] = []
        for request in islice(cycle(requests), CALLS_MAX):
            found.append(send(request))
            if found[-1] == _TOO_MANY:
                break
        return found

    found = _in_one_minute(statuses)
    return len(found) - 1 if found and found[-1] == _TOO_MANY else 0


def _forgetting(
    requests: Sequence[Request], send: Send, others: Mapping[str, Callable[[], object]], *, answered: int
) -> Iterator[str]:
    """Name the other requests after which an address may fail from the beginning again.

    `answered` calls are answered without any other. One of the others is sent before the last of them.
    """
    for told, other in others.items():

        def statuses(other: Callable[[], object] = other) -> list[int]:
            failing = cycle(requests)
            for request in islice(failing, answered - 1):
                send(request)
            other()
            return [send(request) for request in islice(failing, _BEHIND_IT)]

        if _TOO_MANY not in _in_one_minute(statuses):
            yield told


def _forging(requests: Sequence[Request], send: Send, *, answered: int) -> Iterator[str]:
    """Name the headers that make another address of each call, as somebody would forge them."""
    for header, value in _NAMING.items():

        def statuses(header: str = header, value: str = value) -> list[int]:
            calls = enumerate(islice(cycle(requests), answered + _BEHIND_IT), start=1)
            return [send(replace(one, headers={**one.headers, header: value.format(number)})) for number, one in calls]

        if _TOO_MANY not in _in_one_minute(statuses):
            yield header


def _in_one_minute(statuses: Callable[[], list[int]]) -> list[int]:
    """Send while the clock stands still, so that a slow machine does all in one minute, too."""
    forget_caches()
    with rolled_back(), quiet(), stopped_clock(timezone.now()):
        found = statuses()
    forget_caches()
    return found


def impatience(accepted: int | None, answered: int | None, *, who: str) -> Iterator[tuple[str, str]]:
    """Give the part and the sentence where more calls are answered than was accepted."""
    if accepted and answered is not None and not 0 < answered <= accepted:
        found = (
            f"after {answered} calls" if answered else f"not by one count of its first {CALLS_MAX} calls to all URLs"
        )
        yield "429", f"an address {who} is refused {found}; accepted: after {accepted} calls"
