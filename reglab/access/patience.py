"""Patience: calls of somebody who fails to say who it is that are answered before the address has to wait."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle, islice
from typing import Final

from django.utils import timezone

from reglab.project.data.isolation import forget_caches, rolled_back, stopped_clock
from reglab.project.requests.silence import quiet
from reglab.project.requests.test_client import Request

CALLS_MAX: Final = 120
_TOO_MANY: Final = 429
_BEHIND_IT: Final = 3
Send = Callable[[Request], int]


def answered_calls(requests: Sequence[Request], send: Send) -> int:
    """Return how many calls of one address are answered; 0 where it never has to wait, or each URL counts by itself.

    A count for each URL lets an address go on elsewhere, and would be another one as soon as the suite has more URLs.
    """
    of_one, of_all = _answered(requests[:1], send), _answered(requests, send)
    return of_all if of_all == of_one else 0


def _answered(requests: Sequence[Request], send: Send) -> int:
    """Send to one URL after the other; the clock stands still, so that a slow machine does all in one minute, too."""
    forget_caches()
    with rolled_back(), quiet(), stopped_clock(timezone.now()):
        statuses = (send(request) for request in islice(cycle(requests), CALLS_MAX))
        answered = next((number for number, status in enumerate(statuses) if status == _TOO_MANY), 0)
    forget_caches()
    return answered


def forgetting(
    requests: Sequence[Request], send: Send, others: Mapping[str, Callable[[], object]], *, answered: int
) -> Iterator[str]:
    """Name the other requests after which an address may fail from the beginning again.

    `answered` calls are answered without any other. One of the others is sent before the last of them.
    """
    for told, other in others.items():
        forget_caches()
        with rolled_back(), quiet(), stopped_clock(timezone.now()):
            failing = cycle(requests)
            for request in islice(failing, answered - 1):
                send(request)
            other()
            statuses = [send(request) for request in islice(failing, _BEHIND_IT)]
        forget_caches()
        if _TOO_MANY not in statuses:
            yield told


def impatience(accepted: int | None, answered: int | None) -> Iterator[tuple[str, str]]:
    """Give the part and the sentence where more calls are answered than was accepted."""
    if accepted and answered is not None and not 0 < answered <= accepted:
        found = (
            f"after {answered} calls" if answered else f"not by one count of its first {CALLS_MAX} calls to all URLs"
        )
        yield "429", f"an address with a wrong token is refused {found}; accepted: after {accepted} calls"
