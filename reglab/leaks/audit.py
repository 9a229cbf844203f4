"""Repeats each scenario on different rows, and looks at what stays: in memory, and open."""

import time
from collections.abc import Iterator, Sequence
from contextvars import Context
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Final

from django.db import DatabaseError
from django.http.response import HttpResponseBase

from reglab.config.suite import Scenario
from reglab.errors import AuditError
from reglab.leaks.held_memory import Sizes, held_by_project
from reglab.leaks.history import History
from reglab.leaks.kept import Kept, ScenarioResult, entries_kept, grown
from reglab.leaks.open_resources import Openers, OpenResources, open_resources
from reglab.leaks.other_rows import ROUNDS, ROWS_MIN, Way, by_names, by_words, ways
from reglab.leaks.outdated import Outdated
from reglab.leaks.pages import walk
from reglab.leaks.row_places import RowPlaces
from reglab.leaks.strangers import unknown_requests
from reglab.leaks.validators import Validators
from reglab.project.audit_ground import AuditGround, is_left_out
from reglab.project.data.isolation import Sequences, commits_followed, rolled_back
from reglab.project.outages import failing, hanging
from reglab.project.requests.raced import is_writing
from reglab.project.requests.silence import quiet
from reglab.project.requests.test_client import Answer, Request, answers_to
from reglab.project.tracebacks import raised_in

# A thread that ends by itself, and a session that it closes, may need a while on a busy machine.
_SETTLING_SECONDS: Final = 5.0
# Longer than who gives up waits, and no longer than an audit should.
_HANGING_SECONDS: Final = 6.0
_HANGING_ROUNDS: Final = 3
_LOOK_SECONDS: Final = 0.05
# What a process keeps for each path does not show where there are fewer.
_PATHS_MIN: Final = 3
# What is made at the first round says nothing yet.
_SIZES_MIN: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """What one round came to: a failure that nobody declared, or whether it was answered as declared."""

    failure: Kept | None = None
    is_as_declared: bool = False


def results(ground: AuditGround) -> Iterator[ScenarioResult]:
    """Yield the result of each scenario."""
    runner = _Runner(ground)
    for scenario in ground.served:
        if not is_left_out(scenario, "entries_kept"):
            ground.begin(f"leaks: {scenario.name}")
            yield runner.result(scenario)


class _Runner:
    """Executes scenarios on one row after another."""

    def __init__(self, ground: AuditGround) -> None:
        self._ground = ground
        self._visitor = ground.visitor()
        self._sequences = Sequences()
        self._history = History(ground=ground)
        self._outdated = Outdated(ground=ground)
        self._validators = Validators(ground=ground)
        self._places = RowPlaces(ground=ground)
        self._ways: dict[str, Way] = {}
        self._asked_in_outages: set[str] = set()
        self._asked_in_vain: set[str] = set()

    def result(self, scenario: Scenario) -> ScenarioResult:
        result = ScenarioResult(scenario=scenario, endpoint=self._ground.endpoint(scenario))
        openers = Openers(frames=self._ground.frames)
        sizes: list[Sizes] = []
        at_first = open_resources(self._ground.connections)
        with openers.noted():
            self._execute(self._ground.requests(scenario))  # once for what is made at the first request
            before = open_resources(self._ground.connections)
            for way in ways(self._ground, scenario):
                sizes, served = self._sizes_of_way(way, result)
                self._ways[scenario.name] = way
                if len(served) > min(ROWS_MIN, len(way)):
                    # Of rows that are refused nothing need stay.
                    sizes = served
                    break
        # A thread or a file may be made once and kept; a session that is kept is a place that nobody else has.
        after = replace(self._left_open(before), sessions=self._sessions_left(at_first))
        result.entries = list(entries_kept(sizes, self._ground))
        result.entries = result.entries or self._kept_of_words(scenario) or self._kept_of_pages(scenario)
        result.entries = result.entries or self._kept_in_outages(scenario) or self._kept_of_strangers(scenario)
        self._note_open(result, after, openers)
        if not after.threads:
            result.threads += self._left_in_hangs(scenario)
        if not is_writing(scenario) and not is_left_out(scenario, "answers_stale"):
            history = self._history.stale(scenario, self._others(scenario))
            for one in chain(history, self._outdated.stale(scenario), self._validators.stale(scenario)):
                result.stale.append(Kept(count=1, told=one.told, places=one.places, kind=one.kind))
        if not is_writing(scenario) and not is_left_out(scenario, "answers_unordered"):
            for found in self._places.unordered(scenario):
                result.unordered.append(Kept(count=1, told=found.told, places=found.places))
        return result

    def _sizes_of_way(self, way: Way, result: ScenarioResult) -> tuple[list[Sizes], list[Sizes]]:
        """Execute each round; return what is held before and after each, and the same of those that were served."""
        sizes = [self._held()]
        served = sizes[:]
        result.rounds += len(way)
        for requests in way:
            done = self._execute(requests)
            sizes.append(self._held())
            if done.is_as_declared:
                served.append(sizes[-1])
            if done.failure is not None and done.failure not in result.failed:
                result.failed.append(done.failure)
            result.rounds_failed += done.failure is not None
        return sizes, served

    def _kept_of_words(self, scenario: Scenario) -> list[Kept]:
        """Return what grows with each text that is sent, or with each name of a field that nobody knows."""
        for way, told in (
            (by_words, "requests with other words"),
            (by_names, "requests with fields that nobody knows"),
        ):
            rounds = way(self._ground, scenario)
            if rounds and (kept := list(entries_kept(self._sizes(rounds), self._ground, of=told))):
                return kept
        return []

    def _kept_of_pages(self, scenario: Scenario) -> list[Kept]:
        """Return what grows with each page of a list: a link says where one begins, and there are as many as rows."""
        requests, sizes = self._ground.requests(scenario), [self._held()]
        if is_writing(scenario) or len(requests) > 1:
            return []

        def send(request: Request) -> Answer:
            answer = self._answer(request)
            sizes.append(self._held())
            return answer

        walk(requests[0], send, ROUNDS)
        # One of them may be where the scenario's own request begins.
        return list(entries_kept(sizes, self._ground, of="pages", known=1)) if len(sizes) > ROWS_MIN + 1 else []

    def _answer(self, request: Request) -> Answer:
        responses: list[HttpResponseBase] = []
        with quiet(), rolled_back():
            self._visitor.send((request,), responses=responses)
            return answers_to((request,), responses)[0]

    def _kept_in_outages(self, scenario: Scenario) -> list[Kept]:
        """Return what grows while the database fails: of each method one scenario with rows in its path is enough."""
        method, rounds = scenario.all_steps[-1].request.partition(" ")[0], list(self._rounds(scenario))
        if method in self._asked_in_outages or len({one[-1].path for one in rounds}) < _PATHS_MIN:
            return []
        self._asked_in_outages.add(method)
        told = "requests on different rows that the database did not answer"
        return list(entries_kept(self._sizes(rounds, is_outage=True), self._ground, of=told))

    def _kept_of_strangers(self, scenario: Scenario) -> list[Kept]:
        """Return what grows with each path that nobody has: anybody may make them up."""
        requests = self._ground.requests(scenario)
        if is_writing(scenario) or (root := requests[0].path.split("/")[1]) in self._asked_in_vain:
            return []
        self._asked_in_vain.add(root)
        rounds = [(one,) for one in unknown_requests(requests[-1], ROUNDS)]
        return list(entries_kept(self._sizes(rounds), self._ground, of="requests for paths that nobody has"))

    def _sizes(self, rounds: Sequence[Sequence[Request]], *, is_outage: bool = False) -> list[Sizes]:
        """Execute each once, after the first was executed already; return what is held before, and after each.

        Ends where no container is left that may have grown at each of them.
        """
        self._execute(rounds[0], is_outage=is_outage)
        sizes = [self._held()]
        for requests in rounds:
            self._execute(requests, is_outage=is_outage)
            sizes.append(self._held())
            if len(sizes) > _SIZES_MIN and not any(grown(sizes)):
                break
        return sizes

    def _held(self) -> Sizes:
        return held_by_project(self._ground.frames, self._ground.handler)

    def _left_in_hangs(self, scenario: Scenario) -> list[Kept]:
        """Return the threads that stay where the database answered none of them: who gives up leaves nobody behind."""
        openers, before = Openers(frames=self._ground.frames), open_resources(self._ground.connections)
        with openers.noted(), hanging(seconds=_HANGING_SECONDS) as hang:
            for requests in islice(self._rounds(scenario), _HANGING_ROUNDS):
                self._execute(requests)
                if not hang.is_used:
                    return []
        return [
            Kept(
                count=1,
                told=f"the thread {thread.name} is alive, which asked a database that did not answer",
                places=openers.threads.get(id(thread), ()),
            )
            for thread in self._left_open(before).threads
        ]

    def _left_open(self, before: OpenResources) -> OpenResources:
        """Return what was not open before and stays so: who is about to end, or to close, has left nothing."""
        deadline = time.monotonic() + _SETTLING_SECONDS
        while (after := open_resources(self._ground.connections).more_than(before)) and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
        return after

    def _sessions_left(self, before: OpenResources) -> frozenset[int]:
        """Return the sessions that stay open beside those of before, the first request's included."""
        deadline = time.monotonic() + _SETTLING_SECONDS
        while left := open_resources(self._ground.connections).more_than(before).sessions:
            if time.monotonic() > deadline:
                return left
            time.sleep(_LOOK_SECONDS)
        return frozenset()

    def _others(self, scenario: Scenario) -> list[tuple[str, tuple[Request, ...]]]:
        """Return other requests to the same endpoint: those of other scenarios, and for other rows."""
        endpoint, own = self._ground.endpoint(scenario), self._ground.requests(scenario)
        found = [
            (other.name, self._ground.requests(other))
            for other in self._ground.file.suite.scenario
            if other.name != scenario.name and self._ground.coverage.endpoint_by_scenario.get(other.name) == endpoint
        ]
        found += [("the same for another row", requests) for requests in self._rounds(scenario)]
        return [(told, requests) for told, requests in found if _asked(requests) != _asked(own)]

    def _note_open(self, result: ScenarioResult, after: OpenResources, openers: Openers) -> None:
        for thread in after.threads:
            result.threads.append(
                Kept(count=1, told=f"the thread {thread.name} is alive", places=openers.threads.get(id(thread), ()))
            )
        if after.sessions:
            places = openers.sessions[-1] if openers.sessions else ()
            told = f"{len(after.sessions)} database sessions are open after {result.rounds} answers"
            result.sessions.append(Kept(count=len(after.sessions), told=told, places=places))
        for target in set(after.descriptors.values()):
            path = target.removesuffix(" (deleted)")
            result.files.append(Kept(count=1, told=f"{path} is open", places=openers.files.get(path, ())))

    def _rounds(self, scenario: Scenario) -> Way:
        """Return the scenario's requests on other rows of its bindings' models, each of them once."""
        return self._ways.get(scenario.name) or next(ways(self._ground, scenario))

    def _execute(self, requests: Sequence[Request], *, is_outage: bool = False) -> _Done:
        """Execute once, in a context of its own."""
        return Context().run(self._executed, requests, is_outage=is_outage)

    def _executed(self, requests: Sequence[Request], *, is_outage: bool) -> _Done:
        self._sequences.restore()
        responses: list[HttpResponseBase] = []
        outage = failing(self._ground.connections, after=0 if is_outage else None)
        with quiet(), rolled_back():
            try:
                with commits_followed(), outage:
                    self._visitor.send(tuple(requests), responses=responses)
                    answers = answers_to(tuple(requests), responses)
            except (DatabaseError, AuditError):
                # What another row makes impossible at the commit leaves as much behind.
                return _Done()
        broken = (one for one in answers if one.status >= 500 > one.request.expected_status)
        failure = next((self._failure(one) for one in broken), None)
        return _Done(failure=failure, is_as_declared=all(one.is_as_declared for one in answers))

    def _failure(self, answer: Answer) -> Kept:
        trace = answer.error.__traceback__ if answer.error is not None else None
        return Kept(count=1, told=f"on another row, {answer.complaint}", places=raised_in(trace, self._ground.frames))


def _asked(requests: Sequence[Request]) -> list[str]:
    return [one.path for one in requests]
