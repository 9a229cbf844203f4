"""The one Locust user of a generator process: it sends the process's share of the arrivals, each in its own time."""

import json
import re
from random import Random
from time import perf_counter, time
from typing import Any

import gevent
import geventhttpclient.client
from locust import FastHttpUser, task
from locust.contrib.fasthttp import LocustUserAgent

from loadtests.api import Api
from loadtests.arrivals import Arrival, planned_arrivals
from loadtests.errors import LoadTestError, UnsafeTargetError
from loadtests.generator import Generator
from loadtests.recorder import Answer
from loadtests.rows import Item
from loadtests.scenarios import SCENARIOS, Request, request_of
from loadtests.target import allowed_target, prove
from loadtests.write_ledger import Fate, fate_of

_SERVER_TIMING = re.compile(r'db;dur=([\d.]+);desc="(\d+) quer')
_YIELD_EVERY = 20

# The client sends a GET, PUT or DELETE again, unseen, when its connection breaks. A load test must see each break,
# and must never write twice: no retry for any method.
geventhttpclient.client._may_retry_after_send_error = lambda method: False  # noqa: ARG005, SLF001


class Agent(LocustUserAgent):
    """An HTTP client that hands every answer back: what a status means is the recorder's business."""

    def _verify_status(self, status_code: int, url: Any = None) -> None:
        """Accept any status."""


class ArrivalsUser(FastHttpUser):
    """Sends arrivals at their intended times, whatever happens to the ones before: an open model."""

    concurrency = 900
    max_redirects = 0

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        generator: Generator | None = environment.load_generator
        self._is_planned = generator is not None
        if generator is None:
            return  # without a plan from the master, which asks the guard, there is nothing to send
        self.generator = generator
        profile = generator.profile
        headers = {"Accept": "application/json", "X-Load-Run": self.generator.rows.run}
        if self.generator.token:
            headers["Authorization"] = f"Token {self.generator.token}"
        self._agent = Agent(
            cookiejar=None,
            max_redirects=0,
            max_retries=0,
            headers=headers,
            concurrency=self.concurrency,
            insecure=False,
            connection_timeout=profile.timeout_seconds,
            network_timeout=profile.timeout_seconds,
        )
        self._random = Random(f"{profile.seed}-{self.generator.share.index}")  # noqa: S311  # reproducible
        self._in_flight = gevent.pool.Group()

    @task
    def send_arrivals(self) -> None:
        """Send the whole share, wait for what is still in flight, then rest until Locust stops this user."""
        if self._is_planned and self.generator.begin() and self._is_proven():
            self._dispatch_all(perf_counter())
            self._in_flight.join()
            self.generator.finish()
        while True:
            gevent.sleep(1)

    def _is_proven(self) -> bool:
        """Have the target prove itself to this very process: it may reach another server than the master does."""
        try:
            # The master names the host; it may not be the one that the master itself has asked.
            target = allowed_target(self.host or "")
            prove(target, api=Api(origin=target.origin, token=self.generator.token))
        except LoadTestError as error:
            self.generator.refuse(str(error), is_unsafe=isinstance(error, UnsafeTargetError))
            return False
        return True

    def on_stop(self) -> None:
        """Give up what is in flight when the run is ended early: its fate stays open in the ledger."""
        if self._is_planned:
            self._in_flight.kill(block=False)

    def _dispatch_all(self, begun: float) -> None:
        generator = self.generator
        generator.started_at = time()
        for count, arrival in enumerate(planned_arrivals(generator.profile, share=generator.share)):
            delay = begun + arrival.at_s - perf_counter()
            if delay > 0:
                gevent.sleep(delay)
            elif count % _YIELD_EVERY == 0:
                gevent.sleep(0)  # behind time: let answers in all the same
            if generator.is_stopping:
                return
            if len(self._in_flight) >= generator.profile.in_flight_max:
                generator.recorder.drop(arrival)
            else:
                self._in_flight.spawn(self._send, arrival, begun + arrival.at_s)

    def _send(self, arrival: Arrival, due: float) -> None:
        generator = self.generator
        scenario = SCENARIOS[arrival.scenario]
        request = request_of(arrival.scenario, generator.rows, self._random)
        number = generator.intend(request.intent) if request.intent else 0
        generator.recorder.send(arrival, late_s=perf_counter() - due)
        answer = self._fetch(request, due)
        generator.recorder.finish(arrival, answer)
        if request.intent:
            self._settle(request, number, answer)
        self.environment.events.request.fire(
            request_type=request.method,
            name=scenario.endpoint,
            response_time=answer.seconds * 1e3,
            response_length=len(answer.body),
            exception=None if answer.is_success else RuntimeError(answer.cause),
            context={},
        )

    def _fetch(self, request: Request, due: float) -> Answer:
        timeout = gevent.Timeout(self.generator.profile.timeout_seconds)
        timeout.start()
        try:
            response = self._agent.urlopen(
                f"{self.host}{request.path}",
                method=request.method,
                payload=request.body,
                headers={"Content-Type": "application/json"} if request.body else None,
            )
            body = response.content
        except gevent.Timeout:
            return Answer(status=0, seconds=perf_counter() - due, cause="no answer in time")
        except Exception as error:  # noqa: BLE001  # whatever breaks a connection: the client has a dozen ways to say so
            return Answer(status=0, seconds=perf_counter() - due, cause=f"broken connection: {type(error).__name__}")
        finally:
            timeout.close()
        status: int = response.status_code
        found = _SERVER_TIMING.search(str(response.headers.get("server-timing") or ""))
        return Answer(
            status=status,
            seconds=perf_counter() - due,
            cause="" if status < 300 else f"status {status}",
            body=body,
            queries=int(found[2]) if found else None,
            database_ms=float(found[1]) if found else 0.0,
        )

    def _settle(self, request: Request, number: int, answer: Answer) -> None:
        """Close the ledger's entry, and let later requests use what this one wrote."""
        intent = request.intent
        assert intent is not None  # noqa: S101  # the caller's condition, for the type checker
        fate = fate_of(answer.status)
        row = intent.row
        if fate is Fate.ACKNOWLEDGED and intent.verb == "create":
            row = _row_of(answer.body)
        self.generator.settle(number, fate=fate, status=answer.status, row=row)
        if fate is Fate.ACKNOWLEDGED and intent.kind == "item" and intent.verb != "delete":
            self.generator.rows.items.append(Item(id=row, sku=intent.key))


def _row_of(body: bytes) -> int:
    """Return the id in an answer; 0 where there is none, which the reconciliation will find out."""
    try:
        return int(json.loads(body)["id"])
    except (ValueError, KeyError, TypeError):
        return 0
