"""Sends each request with canaries in the place of its values, and looks for them in statements and in HTML."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

from django.db import DatabaseError, models, transaction
from django.db.backends.utils import CursorWrapper
from django.http.response import HttpResponseBase

from reglab.config.suite import Scenario
from reglab.counters.queries import QueryCounter
from reglab.injection.canaries import PROBE, Canary, canaries_of, new_word
from reglab.injection.origins import Origins
from reglab.injection.redirects import Redirects
from reglab.project.audit_ground import AuditGround, is_left_out, models_of_tables
from reglab.project.data.isolation import Sequences, forget_caches, rolled_back
from reglab.project.data.stored_texts import StoredText, stored_texts
from reglab.project.requests.asked_for import AskedFor
from reglab.project.requests.raced import is_writing
from reglab.project.requests.silence import quiet
from reglab.project.requests.test_client import Answer, Request, answers_to
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
    in_location: list[Hit] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def results(ground: AuditGround) -> Iterator[ScenarioResult]:
    """Yield the result of each scenario. Only its first request carries canaries."""
    flock = _Flock(ground)
    for scenario in ground.served:
        if is_left_out(scenario, "injections"):
            continue
        ground.begin(f"injection: {scenario.name}")
        result = ScenarioResult(scenario=scenario, endpoint=ground.endpoint(scenario))
        request = ground.requests(scenario)[0]
        asked, read, is_page = flock.first_look(request)
        for canary in canaries_of(request, asked.parameters, asked.headers):
            result.sent += 1
            flock.send(canary, result)
        if is_page and not is_writing(scenario):
            for text in stored_texts(read):
                result.sent += 1
                flock.store(text, request, result)
        yield result


class _Flock:
    """Sends canaries and watches every statement and every page for them."""

    def __init__(self, ground: AuditGround) -> None:
        self._ground = ground
        self._visitor = ground.visitor()
        self._sequences = Sequences()
        self._origins = Origins(frames=ground.frames)
        self._seen: list[tuple[str, tuple[Mark, ...]]] = []
        self._word = ""

    def first_look(self, request: Request) -> tuple[AskedFor, tuple[type[models.Model], ...], bool]:
        """Send a request as it is; return what it asks for in vain, which models it reads, and whether it is a page."""
        asked = AskedFor()
        counter = QueryCounter(self._ground.connections, frames=self._ground.frames)
        with rolled_back(), asked.noted(), counter:
            _, response = self._sent(request)
        tables = dict.fromkeys(table for group in counter.groups() for table in group.shape.tables)
        return asked, models_of_tables(tables, self._ground.frames), _is_html(response)

    def send(self, canary: Canary, result: ScenarioResult) -> None:
        """Send one canary, and note where it came back."""
        self._look_for(canary.word)
        with ExitStack() as stack:
            stack.enter_context(rolled_back())
            stack.enter_context(self._origins.noted())
            stack.enter_context(self._watched())
            answer, response = self._sent(canary.request)
        for text, marks in self._seen:
            # A search may well compare in capitals. An address as it was sent has the quote in a client's own spelling:
            # who attacks sends it as it is.
            kept = text.lower().replace("''", "").replace("%%", "%").replace("%27", PROBE[0])
            probe = canary.word + PROBE[0]
            is_raw = not canary.is_probe or probe in kept or probe[::-1] in kept
            # Where the text became SQL says more than where the statement was sent.
            places = self._ground.frames.words((*self._origins.of_sql, *marks))
            result.in_statements.append(Hit(part=canary.part, text=text, places=places, is_raw=is_raw))
        # Django's redirect() takes a plain word for the name of a view, and raises where there is none.
        is_led = canary.word in response.headers.get("Location", "") or answer.status >= 500
        if not canary.is_probe and is_led:
            self._follow(canary, result)
        if canary.is_probe:
            self._look_into(response, answer, part=canary.part, result=result)
        if not canary.is_probe and not self._seen and 400 <= answer.status < 500 and not answer.is_as_declared:
            result.refused.append(canary.part)

    def _follow(self, canary: Canary, result: ScenarioResult) -> None:
        """Send the address of another host where a value is part of where an answer leads to."""
        host = f"{canary.word}.example"
        for address in (f"https://{host}/", f"//{host}/"):
            origin = Redirects(frames=self._ground.frames)
            with rolled_back(), origin.noted():
                _, response = self._sent(canary.put(address))
            location = response.headers.get("Location", "")
            if urlsplit(location).hostname == host:
                result.in_location.append(
                    Hit(part=canary.part, text=f"{response.status_code} to {location}", places=origin.places)
                )
                return

    def store(self, stored: StoredText, request: Request, result: ScenarioResult) -> None:
        """Write a canary into rows, and note whether a page shows it with its markup."""
        word = new_word()
        self._look_for(word)
        with rolled_back(), self._origins.noted():
            try:
                with transaction.atomic():
                    stored.put(word + PROBE)
            except (DatabaseError, ValueError, TypeError):
                # Such a text is refused by the database itself.
                return
            answer, response = self._sent(request)
        self._look_into(response, answer, part=stored.part, result=result)

    def _look_for(self, word: str) -> None:
        self._seen.clear()
        self._word = word
        self._origins.look_for(word, probe=PROBE)

    def _look_into(self, response: HttpResponseBase, answer: Answer, *, part: str, result: ScenarioResult) -> None:
        if f"{self._word}{PROBE}".encode() in answer.body.lower() and _is_html(response):
            places = self._ground.frames.words(self._origins.of_markup)
            result.in_html.append(Hit(part=part, text=_excerpt(answer.body, self._word + PROBE), places=places))

    def _sent(self, request: Request) -> tuple[Answer, HttpResponseBase]:
        self._sequences.restore()
        forget_caches()
        responses: list[HttpResponseBase] = []
        with quiet():
            self._visitor.send((request,), responses=responses)
            return answers_to((request,), responses)[0], responses[0]

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Look at each statement as it goes to the driver: a wrapper of the project's own may have changed it."""
        with ExitStack() as stack:
            for name in ("_execute", "_executemany"):
                original = getattr(CursorWrapper, name)

                def watched(cursor: Any, sql: Any, *arguments: Any, original: Callable[..., Any] = original) -> Any:
                    text = _text(sql, cursor.db)
                    # What ends so is looked for from its end by an index on the text read backwards.
                    if self._word in text.lower() or self._word[::-1] in text.lower():
                        self._seen.append((text, self._ground.frames.capture(sys._getframe(1))))  # noqa: SLF001
                    return original(cursor, sql, *arguments)

                stack.enter_context(mock.patch.object(CursorWrapper, name, watched))
            yield


def _text(sql: Any, connection: Any) -> str:
    if isinstance(sql, str):
        return sql
    if isinstance(sql, bytes):
        return sql.decode(errors="replace")
    return str(sql.as_string(connection.connection)) if hasattr(sql, "as_string") else str(sql)


def _is_html(response: HttpResponseBase) -> bool:
    return "html" in response.headers.get("Content-Type", "")


def _excerpt(body: bytes, found: str) -> str:
    text = body.decode(errors="replace")
    at = text.lower().find(found)
    return " ".join(text[max(0, at - 60) : at + 60].split())
