"""One execution of a scenario, counted, and undone."""

import gc
import http.cookies
from contextlib import ExitStack
from contextvars import Context
from dataclasses import dataclass

from django.db import DatabaseError
from django.test.client import ClientHandler

from reglab.counters.engine.counter_sets import CounterSet
from reglab.project.data.bloat_cleanup import Traces
from reglab.project.data.driver import CounterError
from reglab.project.data.isolation import (
    Sequences,
    check_deferred_constraints,
    commits_followed,
    forget_caches,
    rolled_back,
)
from reglab.project.data.randomness import EXECUTION, seeded
from reglab.project.requests.limits import LimitError, time_limit
from reglab.project.requests.test_client import Answer, Request, Visitor, answers_to
from reglab.report.records import Measurement

WARM_UPS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What one execution answered and counted. `complaint` says why it is not what the suite declares.

    `error` is the exception behind it, where one was raised.
    """

    answers: tuple[Answer, ...]
    counts: tuple[Measurement, ...]
    complaint: str = ""
    error: BaseException | None = None


class Executor:
    """Executes scenarios on the database that the connections point at, each from the same state."""

    def __init__(
        self, *, cookies: http.cookies.SimpleCookie, traces: Traces, handler: ClientHandler | None = None
    ) -> None:
        self._visitor = Visitor(cookies=cookies, handler=handler)
        self._traces = traces
        self._sequences = Sequences()

    def warm_up(self, requests: tuple[Request, ...], *, times: int = WARM_UPS) -> Execution:
        """Execute without counting, so that lazy imports and caches of the code itself are filled."""
        for _ in range(times - 1):
            self.execute(requests)
        last = self.execute(requests)
        self.clean_up()
        return last

    def clean_up(self) -> None:
        """Take away what rolled-back executions have left in the database's files, and in memory."""
        self._traces.remove()
        gc.collect()

    def execute(self, requests: tuple[Request, ...], counted: CounterSet | None = None) -> Execution:
        """Execute once inside the counters, `on_commit` work included, and roll back.

        In an empty context of its own, as a server gives each request: what asynchronous code sets in it goes with it.
        In the one of the process it would stay, and be taken for a leak of the project's; and asynchronous code copies
        each variable of it back and forth, so that what an earlier command left there would be counted.
        """
        return Context().run(self._execute, requests, counted)

    def _execute(self, requests: tuple[Request, ...], counted: CounterSet | None) -> Execution:
        self._sequences.restore()
        forget_caches()
        counters = counted.counters if counted else ()
        responses = counted.responses if counted else []
        complaint = ""
        raised: BaseException | None = None
        with rolled_back(), seeded(EXECUTION):
            try:
                # Around the counters, so that none counts the watch.
                with time_limit(" ".join(f"{one.method} {one.path}" for one in requests)), ExitStack() as stack:
                    for counter in counters:
                        stack.enter_context(counter)
                    with commits_followed():
                        self._visitor.send(requests, responses=responses)
                check_deferred_constraints()
            except CounterError:
                raise
            except LimitError as error:
                endless = requests[min(len(responses), len(requests) - 1)]
                complaint = f"{endless.method} {endless.path} answers without end: {error}"
            except DatabaseError as error:
                complaint = f"the commit fails: {type(error).__name__}: {str(error).strip().splitlines()[0]}"
                raised = error
            except Exception as error:  # noqa: BLE001  # whatever on_commit work raises is the subject's, and is told
                complaint, raised = f"the work after commit raised {type(error).__name__}: {error}", error
            self._traces.note()
        answers = answers_to(requests, responses)
        return Execution(
            answers=answers,
            counts=tuple(count for counter in counters for count in counter.counts()),
            complaint=next((answer.complaint for answer in answers if not answer.is_as_declared), complaint),
            error=next((answer.error for answer in answers if not answer.is_as_declared), raised),
        )
