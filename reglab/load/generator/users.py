"""The one Locust user of a generator process: it sends the process's share of the arrivals, each in its own time."""

import json
from random import Random
from time import perf_counter, time
from typing import Any

import gevent
from locust import User, task

from reglab.errors import LoadTestError, UnsafeTargetError
from reglab.load.generator.arrivals import Arrival, planned_arrivals
from reglab.load.generator.recorder import Answer
from reglab.load.generator.sender import Sender
from reglab.load.generator.share import Generator
from reglab.load.generator.worker_data import Item
from reglab.load.http_client import Api
from reglab.load.scenarios import SCENARIOS, Intent, request_of
from reglab.load.target import allowed_target, prove
from reglab.load.writes.write_ledger import Fate, fate_of

# Behind time, the dispatcher lets answers in after so many arrivals.
YIELD_EVERY = 10
DRAIN_POLL_S = 0.02


class ArrivalsUser(User):
    """Sends arrivals at their intended times, whatever happens to the ones before: an open model."""

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        # Without a plan from the master, which asks the guard first, there is nothing to send.
        self._generator: Generator | None = environment.load_generator
        self._in_flight = 0

    @task
    def send_arrivals(self) -> None:
        """Send the whole share, wait for what is still in flight, then rest until Locust stops this user."""
        generator = self._generator
        if generator is not None and generator.begin() and self._is_proven(generator):
            self._dispatch_all(generator, perf_counter())
            while self._in_flight:
                gevent.sleep(DRAIN_POLL_S)
            generator.finish()
        while True:
            gevent.sleep(1)

    def _is_proven(self, generator: Generator) -> bool:
        """Have the target prove itself to this very process: it may reach another server than the master does."""
        try:
            # The master names the host; it may not be the one that the master itself has asked.
            target = allowed_target(self.host or "")
            prove(target, api=Api(origin=target.origin, token=generator.token))
        except LoadTestError as error:
            generator.refuse(str(error), is_unsafe=isinstance(error, UnsafeTargetError))
            return False
        return True

    def _dispatch_all(self, generator: Generator, begun: float) -> None:
        profile = generator.profile
        random = Random(f"{profile.seed}-{generator.share.index}")  # noqa: S311  # reproducible
        sender = Sender(
            self.host or "", run=generator.rows.run, token=generator.token, timeout_s=profile.timeout_seconds
        )
        generator.started_at = time()
        for count, arrival in enumerate(planned_arrivals(profile, share=generator.share)):
            due = begun + arrival.at_s
            delay = due - perf_counter()
            if delay > 0:
                gevent.sleep(delay)
            elif count % YIELD_EVERY == 0:
                gevent.sleep(0)
            if generator.is_stopping:
                return
            if self._in_flight >= profile.in_flight_max:
                generator.recorder.drop(arrival)
            else:
                self._in_flight += 1
                gevent.spawn_raw(self._send, generator, sender, random, arrival, due)

    def _send(self, generator: Generator, sender: Sender, random: Random, arrival: Arrival, due: float) -> None:
        try:
            request = request_of(arrival.scenario, generator.rows, random)
            number = generator.intend(request.intent) if request.intent else 0
            generator.recorder.send(arrival, late_s=perf_counter() - due)
            answer = sender.send(request, due=due)
            generator.recorder.finish(arrival, answer)
            if request.intent:
                _settle(generator, request.intent, number, answer)
        except OSError:
            return  # the ledger is full: the generator has noted it, and stops
        finally:
            self._in_flight -= 1
        self.environment.events.request.fire(
            request_type=request.method,
            name=SCENARIOS[arrival.scenario].endpoint,
            response_time=answer.seconds * 1e3,
            response_length=len(answer.body),
            exception=None if answer.is_success else RuntimeError(answer.cause),
            context={},
        )


def _settle(generator: Generator, intent: Intent, number: int, answer: Answer) -> None:
    """Close the ledger's entry, and let later requests use what this one wrote."""
    fate = fate_of(answer.status)
    row = _row_of(answer.body) if fate is Fate.ACKNOWLEDGED and intent.verb == "create" else intent.row
    generator.settle(number, fate=fate, status=answer.status, row=row)
    if fate is Fate.ACKNOWLEDGED and intent.kind == "item" and intent.verb != "delete":
        generator.rows.items.append(Item(id=row, sku=intent.key))


def _row_of(body: bytes) -> int:
    """Return the id in an answer; 0 where there is none, which the reconciliation will find out."""
    try:
        return int(json.loads(body)["id"])
    except (ValueError, KeyError, TypeError):
        return 0
