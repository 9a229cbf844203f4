"""Sends each request with canaries in the place of its values, and looks for them in statements and in HTML."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from django.http.response import HttpResponseBase

from reglab.config.suite import Scenario
from reglab.injection.canaries import PROBE, Canary, canaries_of
from reglab.project.audit_ground import AuditGround, is_left_out
from reglab.project.data.isolation import Sequences, forget_caches, rolled_back
from reglab.project.requests.silence import quiet
from reglab.project.requests.test_client import answers_to
from reglab.project.source_lines import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A canary that came back: where it was sent, what it was found in, and the project's lines."""

    part: str
    text: str
    places: tuple[str, ...] = ()
    is_raw: bool = True


@dataclass(slots=True, kw_only=True)
class ScenarioResult:
    """What the canaries of one scenario came to. `refused` are values that never got past validation."""

    scenario: Scenario
    endpoint: str
    sent: int = 0
    in_statements: list[Hit] = field(default_factory=list)
    in_html: list[Hit] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def results(ground: AuditGround) -> Iterator[ScenarioResult]:
    """Yield the result of each scenario. Only its first request carries canaries."""
    flock = _Flock(ground)
    for scenario in ground.scenarios:
        if is_left_out(scenario, "injections"):
            continue
        ground.say(f"injection: {scenario.name}")
        result = ScenarioResult(scenario=scenario, endpoint=ground.endpoint(scenario))
        for canary in canaries_of(ground.requests(scenario)[0]):
            result.sent += 1
            flock.send(canary, result)
        yield result


class _Flock:
    """Sends canaries and watches every statement for them."""

    def __init__(self, ground: AuditGround) -> None:
        self._ground = ground
        self._visitor = ground.visitor()
        self._sequences = Sequences()
        self._seen: list[tuple[str, tuple[Mark, ...]]] = []
        self._word = ""

    def send(self, canary: Canary, result: ScenarioResult) -> None:
        self._sequences.restore()
        forget_caches()
        self._seen.clear()
        self._word = canary.word
        responses: list[HttpResponseBase] = []
        with ExitStack() as stack:
            stack.enter_context(quiet())
            stack.enter_context(rolled_back())
            for connection in self._ground.connections:
                stack.enter_context(connection.execute_wrapper(self._watch))
            self._visitor.send((canary.request,), responses=responses)
            answer = answers_to((canary.request,), responses)[0]
        for text, marks in self._seen:
            is_raw = not canary.is_probe or canary.word + PROBE[0] in text.replace("''", "")
            result.in_statements.append(
                Hit(part=canary.part, text=text, places=self._ground.frames.words(marks), is_raw=is_raw)
            )
        if canary.is_probe and f"{canary.word}{PROBE}".encode() in answer.body and _is_html(responses[0]):
            result.in_html.append(Hit(part=canary.part, text=_excerpt(answer.body, canary.word)))
        if not canary.is_probe and not self._seen and 400 <= answer.status < 500 and not answer.is_as_declared:
            result.refused.append(canary.part)

    def _watch(
        self, execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: dict[str, Any]
    ) -> Any:
        text = _text(sql, context["connection"])
        if self._word in text.lower():
            self._seen.append((text, self._ground.frames.capture(sys._getframe(1))))  # noqa: SLF001
        return execute(sql, parameters, many, context)


def _text(sql: Any, connection: Any) -> str:
    if isinstance(sql, str):
        return sql
    if isinstance(sql, bytes):
        return sql.decode(errors="replace")
    return str(sql.as_string(connection.connection)) if hasattr(sql, "as_string") else str(sql)


def _is_html(response: HttpResponseBase) -> bool:
    return "html" in response.headers.get("Content-Type", "")


def _excerpt(body: bytes, word: str) -> str:
    text = body.decode(errors="replace")
    at = text.find(word)
    return " ".join(text[max(0, at - 60) : at + 60].split())
