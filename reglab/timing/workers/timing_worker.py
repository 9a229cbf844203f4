"""A side's process in one pair: it executes a scenario when it is asked to, and says how long that took."""

import gc
import http.cookies
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from django.db import connections
from django.http.response import HttpResponseBase

from reglab.project.data.databases import own_aliases
from reglab.project.data.isolation import (
    Sequences,
    check_deferred_constraints,
    commits_followed,
    forget_caches,
    no_collection,
    rolled_back,
)
from reglab.project.requests.test_client import Request, Visitor, answers_to
from reglab.timing.workers.cpu_affinity import Place, prefer, take
from reglab.timing.workers.project_loader import SideProject
from reglab.timing.workers.request_codec import unpacked


class Timing(NamedTuple):
    """One execution: nanoseconds on the clock, nanoseconds of this process's CPU, what was not as declared."""

    wall_ns: int
    cpu_ns: int
    complaint: str


class Timekeeper:
    """Executes scenarios one request at a time, each rolled back, the collector and all preparation left out."""

    def __init__(self, project: SideProject) -> None:
        self._project = project
        self._requests: dict[str, tuple[Request, ...]] = {}
        self._visitor = Visitor(cookies=http.cookies.SimpleCookie())
        self._sequences: Sequences | None = None

    def described(self) -> dict[str, str]:
        """Say what this side runs on."""
        return self._project.described()

    def connect(
        self,
        *,
        names: Mapping[str, str],
        cookies: Mapping[str, str],
        requests: Mapping[str, Iterable[Mapping[str, Any]]],
    ) -> None:
        """Use these databases, and send these requests, by scenario."""
        for alias, name in names.items():
            connections[alias].settings_dict["NAME"] = name
        self._sequences = Sequences()
        self._visitor = Visitor(cookies=http.cookies.SimpleCookie(dict(cookies)))
        self._requests = {scenario: unpacked(parcels) for scenario, parcels in requests.items()}

    def warm_up(self, *, times: int) -> str:
        """Execute every scenario a few times; give the first complaint."""
        for name in self._requests:
            for _ in range(times):
                if complaint := self.time(scenario=name).complaint:
                    return f"{name}: {complaint}"
        self._project.refuse_strangers()
        return ""

    def settle(self, *, place: Place, times: int) -> str:
        """Go where measured processes belong, warm that core's caches, and freeze what the collector knows."""
        take(place)
        if place["is_server_ours"]:
            prefer(
                connections[alias].connection.info.backend_pid
                for alias in own_aliases()
                if connections[alias].vendor == "postgresql" and connections[alias].connection is not None
            )
        complaint = self.warm_up(times=times)
        self._project.stack.enter_context(no_collection())
        return complaint

    def time(self, *, scenario: str) -> Timing:
        """Execute a scenario once, `on_commit` work included, and roll it back; only the execution is timed."""
        requests = self._requests[scenario]
        assert self._sequences is not None  # noqa: S101  # `connect` came first
        self._sequences.restore()
        forget_caches()
        gc.collect()  # what the last execution left; the rest is frozen
        responses: list[HttpResponseBase] = []
        with rolled_back():
            try:
                cpu_ns, wall_ns = -time.process_time_ns(), -time.perf_counter_ns()
                with commits_followed():
                    self._visitor.send(requests, responses=responses)
                    answers = answers_to(requests, responses)  # a streamed body is made by being read
                wall_ns, cpu_ns = wall_ns + time.perf_counter_ns(), cpu_ns + time.process_time_ns()
                check_deferred_constraints()
            except Exception as error:  # noqa: BLE001  # on_commit work and deferred constraints are the subject's
                return Timing(0, 0, f"the commit fails: {type(error).__name__}: {error}")
        complaint = next((answer.complaint for answer in answers if not answer.is_as_declared), "")
        return Timing(wall_ns, cpu_ns, complaint)

    def call_tree(self, *, scenario: str, times: int) -> dict[str, Any]:
        """Sample the stack while a scenario is executed; give seconds an execution, by function and by stack."""
        from reglab.timing.workers.stack_profile import sampled  # not in a process that is timed

        def execute() -> None:
            for _ in range(times):
                self.time(scenario=scenario)

        profile = sampled(execute, times=times, folder=Path.cwd())
        functions = {place: (spent.seconds, spent.line, spent.code) for place, spent in profile.functions.items()}
        return {"functions": functions, "stacks": dict(profile.stacks)}

    def close(self) -> None:
        """Let go of the databases."""
        self._project.close()
