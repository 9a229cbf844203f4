"""Answers that depend on what was asked before: a cache with a wrong key, or one that a write does not clear."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.core.cache import caches
from django.db import DatabaseError, models
from django.http.response import HttpResponseBase

from reglab.config.suite import Scenario
from reglab.errors import AuditError
from reglab.leaks.other_askers import other_askers
from reglab.project.audit_ground import AuditGround, own_models
from reglab.project.cache_hits import cache_hits
from reglab.project.data.isolation import Sequences, commits_followed, forget_caches, rolled_back
from reglab.project.data.randomness import EXECUTION, seeded
from reglab.project.data.stored_texts import stored_texts, texts_of
from reglab.project.requests.raced import is_writing
from reglab.project.requests.silence import quiet
from reglab.project.requests.test_client import Request, answers_to

_REQUESTS_MAX: Final = 6
# Shorter texts stand in answers of their own accord.
_LENGTH_MIN: Final = 6
_TEXTS_TRIED: Final = 3
_OTHER_TEXT: Final = "reglab-changed"
_REFUSED_FOR_ITS_RATE: Final = 429
Requests = tuple[Request, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """An answer that is another one because of an earlier request, and the line that took it from a cache.

    What is accepted of one `kind` says nothing of another: a page that is late is none that shows somebody else's.
    """

    kind: str
    told: str
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    status: int
    body: bytes
    keeps: bool = False
    places: tuple[str, ...] = ()

    def differs_from(self, other: "_Answer") -> bool:
        is_limited = _REFUSED_FOR_ITS_RATE in {self.status, other.status}
        return not is_limited and (self.status, self.body) != (other.status, other.body)


@dataclass(slots=True, kw_only=True)
class History:
    """Sends requests after one another, with and without what earlier ones have left in the caches."""

    ground: AuditGround
    _sequences: Sequences = field(default_factory=Sequences)

    def stale(self, scenario: Scenario, others: Sequence[tuple[str, Requests]]) -> Iterator[Stale]:
        """Yield what is stale of a reading scenario: after `others` of its endpoint, and after writes."""
        own = self.ground.requests(scenario)
        with rolled_back():
            clean, again = self._clean(own), self._clean(own)
        if not clean.keeps or clean.differs_from(again):
            # What keeps nothing forgets nothing; what differs by itself says nothing.
            return
        yield from self._after_others(own, others, clean)
        yield from self._after_other_askers(scenario, own, clean)
        yield from self._after_writes(scenario, own)
        yield from self._after_saves(own, clean)

    def _after_others(self, own: Requests, others: Sequence[tuple[str, Requests]], clean: _Answer) -> Iterator[Stale]:
        for told, requests in others[:_REQUESTS_MAX]:
            with rolled_back():
                self._clean(requests)
                found = self._sent(own)
            if found.differs_from(clean):
                text = f"after {told}, the answer is another one than without it"
                yield Stale(kind="after other rows", told=text, places=found.places)
                return

    def _after_other_askers(self, scenario: Scenario, own: Requests, clean: _Answer) -> Iterator[Stale]:
        """Yield an answer that was kept for somebody else: both may ask, and each is to see what is theirs."""
        told: set[str] = set()
        with rolled_back():
            # All of them first: a token that is made between two requests would get the number of another.
            for asker, requests in [*other_askers(self.ground, scenario, own)]:
                if asker in told:
                    continue
                theirs = self._clean(requests)
                # Who is refused, or sees the same, says nothing.
                if theirs.status != clean.status or not theirs.differs_from(clean):
                    continue
                found = self._sent(own)
                if found.differs_from(clean):
                    told.add(asker)
                    yield Stale(
                        kind=f"after {asker}",
                        told=f"after the same request of {asker}, the answer is another one than without it",
                        places=found.places,
                    )

    def _after_writes(self, scenario: Scenario, own: Requests) -> Iterator[Stale]:
        for writer in self.ground.file.suite.scenario:
            if not is_writing(writer):
                continue
            try:
                requests = self.ground.requests(writer)
                with rolled_back(), commits_followed():
                    self._clean(requests)
                    expected = self._clean(own)
                with rolled_back(), commits_followed():
                    self._clean(own)
                    self._sent(requests)
                    found = self._sent(own)
            except (DatabaseError, AuditError):
                continue
            if found.differs_from(expected):
                yield Stale(
                    kind="after a write",
                    told=f"asked for before and after {writer.name}, {scenario.name} is answered as before it",
                    places=found.places,
                )
                return

    def _after_saves(self, own: Requests, clean: _Answer) -> Iterator[Stale]:
        """Yield an answer that a saved row does not reach: anybody may save one, in the admin or a job, not only a URL.

        Of each model one text that the answer shows is changed.
        """
        done: set[type[models.Model]] = set()
        for column in stored_texts(own_models(self.ground.frames)):
            texts = (text for text in sorted(texts_of(column)) if len(text) >= _LENGTH_MIN)
            shown = [text for text in texts if text.encode() in clean.body]
            row = next(filter(None, map(column.row_with, shown[:_TEXTS_TRIED])), None)
            if row is None or type(row) in done:
                continue
            done.add(type(row))
            setattr(row, column.attribute, _OTHER_TEXT)
            answers = self._beside_a_save(row, own)
            if answers is not None and answers[1].differs_from(answers[0]):
                told = f"a row was saved with another {column.part}, and the answer is as before it"
                yield Stale(kind="after a row was saved", told=told, places=answers[1].places)
                return

    def _beside_a_save(self, row: models.Model, own: Requests) -> tuple[_Answer, _Answer] | None:
        """Return the answer after a row was saved: asked for the first time, and asked for before it as well.

        None where the project does not let the row be saved so.
        """
        with rolled_back(), commits_followed():
            try:
                row.save()
            except Exception:  # noqa: BLE001  # what a project's save() refuses, and how, is its own affair
                return None
            expected = self._clean(own)
        with rolled_back(), commits_followed():
            self._clean(own)
            row.save()
            return expected, self._sent(own)

    def _clean(self, requests: Requests) -> _Answer:
        forget_caches()
        return self._sent(requests)

    def _sent(self, requests: Requests) -> _Answer:
        self._sequences.restore()
        responses: list[HttpResponseBase] = []
        # The token against forged requests is another one at every request, and most pages have one.
        with quiet(), seeded(EXECUTION), cache_hits(self.ground.frames) as hits:
            self.ground.visitor().send(requests, responses=responses)
            answer = answers_to(requests, responses)[-1]
        return _Answer(
            status=answer.status, body=answer.body, keeps=_is_anything_kept(), places=hits[-1] if hits else ()
        )


def _is_anything_kept() -> bool:
    """Whether a cache holds anything. In an audit each of them is in memory."""
    return any(getattr(cache, "_cache", None) for cache in caches.all())
