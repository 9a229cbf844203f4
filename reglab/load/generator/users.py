"""The one Locust user of a generator process: it sends the process's share of the arrivals, each in its own time."""

from random import Random
from time import perf_counter, time
from typing import Any, Final

import gevent
from locust import User, task

from reglab.errors import LoadTestError, UnsafeTargetError
from reglab.load.generator.arrivals import Arrival, planned_arrivals
from reglab.load.generator.recorder import Answer
from reglab.load.generator.sender import NOT_SENT, Sender
from reglab.load.generator.share import Generator
from reglab.load.operations import Request
from reglab.load.pool import Row
from reglab.load.target.allowlist import allowed_target
from reglab.load.target.http_client import parsed
from reglab.load.target.identity import prove
from reglab.load.writes.preparation import made_row
from reglab.load.writes.write_ledger import Fate, fate_of

# Behind time, the dispatcher lets answers in after so many arrivals.
YIELD_EVERY: Final = 10
DRAIN_POLL_S: Final = 0.02


class ArrivalsUser(User):
    """Sends arrivals at their intended times, whatever happens to the ones before: an open model."""

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        # Without a plan from the master, which asks the guard first, there is nothing to send.
        self._generator: Generator | None = environment.load_generator
        self._in_flight = 0

    @property
    def is_idle(self) -> bool:
        """Whether no request is under way."""
        return self._in_flight == 0

    @task
    def send_arrivals(self) -> None:
        """Send the whole share, wait for what is still in flight, then rest until Locust stops this user."""
        generator = self._generator
        if generator is not None and generator.begin() and (sender := self._proven_sender(generator)) is not None:
            self._dispatch_all(generator, sender, perf_counter())
            while self._in_flight:
                gevent.sleep(DRAIN_POLL_S)
            generator.finish()
        while True:
            gevent.sleep(1)

    def _proven_sender(self, generator: Generator) -> Sender | None:
        """Have the target prove itself to this very process: it may reach another server than the master does."""
        try:
            # The master names the host; it may not be the one that the master itself has asked.
            target = allowed_target(self.host or "", targets=generator.project.targets)
            proof = prove(target, tripwire=generator.tripwire)
            if proof.place != generator.place:
                raise UnsafeTargetError(f"{target.origin} has another database behind it than the master's")
        except LoadTestError as error:
            generator.refuse(str(error), kind="unsafe" if isinstance(error, UnsafeTargetError) else "inconclusive")
            self._tell_master(generator)
            return None
        sender = Sender(
            target.origin,
            run=generator.pool.run,
            token=generator.token,
            timeout_s=generator.profile.timeout_seconds,
            proof=proof,
            tripwire=generator.tripwire,
        )
        generator.revisions = sender.revisions
        return sender

    def _dispatch_all(self, generator: Generator, sender: Sender, begun: float) -> None:
        profile = generator.profile
        draw = Random(f"{profile.seed}-{generator.share.index}")  # noqa: S311  # reproducible
        generator.started_at = time()
        for count, arrival in enumerate(planned_arrivals(profile, share=generator.share)):
            due = begun + arrival.at_s
            delay = due - perf_counter()
            if delay > 0:
                gevent.sleep(delay)
            elif count % YIELD_EVERY == 0:
                gevent.sleep(0)
            # The file that other processes may have made is looked for by the sender, before each request.
            if generator.is_stopping or generator.tripwire.reason:
                self._stop_where_cut(generator)
                return
            if self._in_flight >= profile.in_flight_max:
                generator.recorder.drop(arrival)
            else:
                self._in_flight += 1
                gevent.spawn_raw(self._send, generator, sender, draw, arrival, due)

    def _send(self, generator: Generator, sender: Sender, draw: Random, arrival: Arrival, due: float) -> None:
        load = generator.project.load
        try:
            request = load.request(arrival.scenario, generator.pool, draw)
            if wrong := next(generator.complaints_of(arrival.scenario, request), ""):
                generator.refuse(f"operation {arrival.scenario}: {wrong}; it was not sent", kind="inconclusive")
                return
            generator.recorder.send(arrival, late_s=perf_counter() - due)
            answer = self._exchange(generator, sender, request, due)
            if answer.cause == NOT_SENT:
                generator.recorder.withdraw(arrival)
                return
            generator.recorder.finish(arrival, answer)
            if not answer.is_proven:
                self._stop_where_cut(generator)
        except OSError:
            return  # the ledger is full: the generator has noted it, and stops
        finally:
            self._in_flight -= 1
        self.environment.events.request.fire(
            request_type=request.method,
            name=load.operations[arrival.scenario].endpoint,
            response_time=answer.seconds * 1e3,
            response_length=len(answer.body),
            exception=None if answer.is_success else RuntimeError(answer.cause),
            context={},
        )

    def _exchange(self, generator: Generator, sender: Sender, request: Request, due: float) -> Answer:
        """Send one request; one that writes goes through the ledger, and only after its rows were read."""
        if generator.is_stopping:
            return Answer(status=0, seconds=perf_counter() - due, cause=NOT_SENT)
        if not request.effects:
            return sender.send(request, due=due)
        begun = perf_counter()
        refusal = _refusal_of_rows(generator, sender, request, due)
        if refusal is not None:
            return refusal
        # The check is the load test's doing: the service's answer is not the later for it.
        due += perf_counter() - begun
        if generator.is_stopping or generator.tripwire.is_cut():
            return Answer(status=0, seconds=perf_counter() - due, cause=NOT_SENT)
        number = generator.intend(request)
        answer = sender.send(request, due=due)
        _settle(generator, request, number, answer)
        return answer

    def _stop_where_cut(self, generator: Generator) -> None:
        if generator.tripwire.is_cut():
            generator.refuse(generator.tripwire.reason, kind="unsafe")
            self._tell_master(generator)

    def _tell_master(self, generator: Generator) -> None:
        """Let the master stop all others at once; the report would come within a second."""
        message = {"reason": generator.error, "kind": generator.error_kind, "index": generator.share.index}
        self.environment.runner.send_message("load-stopped", message)


def _refusal_of_rows(generator: Generator, sender: Sender, request: Request, due: float) -> Answer | None:
    """Read every row that a write names. Return why it must not be sent, None where each carries the run's id."""
    run = generator.pool.run
    for name, row in request.rows:
        kind = generator.project.load.kind(name)
        answer = sender.send(Request(method="GET", path=kind.path_of(row, run=run)), due=due, is_check=True)
        if not answer.is_success:
            cause = answer.cause if not answer.status else f"not sent: its {name} was answered with {answer.status}"
            return Answer(
                status=0,
                seconds=answer.seconds,
                cause=cause,
                is_proven=answer.is_proven,
                refused_with=answer.status,
            )
        if not kind.is_marked(parsed(answer.body), run=run):
            generator.tripwire.cut(f"{name} {row} does not carry the run's id any more: it is not the run's")
            return Answer(status=0, seconds=answer.seconds, cause="not sent: a foreign row", is_proven=False)
    return None


def _settle(generator: Generator, request: Request, number: int, answer: Answer) -> None:
    """Close the ledger's entry, and let later requests use what this one wrote."""
    fate = fate_of(answer.status) if answer.is_proven else Fate.UNKNOWN
    row = made_row(request, parsed(answer.body)) if fate is Fate.ACKNOWLEDGED else 0
    generator.settle(number, fate=fate, status=answer.status, row=row)
    first = request.effects[0]
    if fate is Fate.ACKNOWLEDGED and first.keep and row:
        generator.pool.put(first.keep, Row(id=row, key=first.key))
