"""One execution of a scenario, counted, and undone."""

import http.cookies
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from django.db import DatabaseError, IntegrityError

from bench.counts import Count, Counter
from bench.exchange import Answer, Request, send
from bench.isolation import (
    Sequences,
    check_deferred_constraints,
    commits_followed,
    forget_caches,
    rolled_back,
)

WARM_UPS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What one execution answered and counted. `complaint` says why it is not what the suite declares."""

    answers: tuple[Answer, ...]
    counts: tuple[Count, ...]
    complaint: str = ""


class Executor:
    """Executes scenarios on the database that the connections point at, each from the same state."""

    def __init__(self, *, cookies: http.cookies.SimpleCookie) -> None:
        self._cookies = cookies
        self._sequences = Sequences()

    def warm_up(self, requests: tuple[Request, ...]) -> Execution:
        """Execute without counting, so that lazy imports and caches of the code itself are filled."""
        for _ in range(WARM_UPS - 1):
            self.execute(requests, counters=())
        return self.execute(requests, counters=())

    def execute(self, requests: tuple[Request, ...], *, counters: Sequence[Counter]) -> Execution:
        """Execute once inside the counters, `on_commit` work included, and roll back."""
        self._sequences.restore()
        forget_caches()
        answers: tuple[Answer, ...] = ()
        complaint = ""
        with rolled_back():
            try:
                with ExitStack() as stack:
                    for counter in counters:
                        stack.enter_context(counter)
                    with commits_followed():
                        answers = send(requests, cookies=self._cookies)
                check_deferred_constraints()
            except (IntegrityError, DatabaseError) as error:
                complaint = f"the commit fails: {type(error).__name__}: {str(error).strip().splitlines()[0]}"
            except Exception as error:  # noqa: BLE001  # whatever on_commit work raises is the subject's, and is told
                complaint = f"the work after commit raised {type(error).__name__}: {error}"
        return Execution(
            answers=answers,
            counts=tuple(count for counter in counters for count in counter.counts()),
            complaint=complaint or next((answer.complaint for answer in answers if not answer.is_as_declared), ""),
        )
