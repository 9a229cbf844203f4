"""Answers that depend on what was asked before: a cache with a wrong key, or one that a write does not clear."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.cache import caches
from django.db import DatabaseError, models
from django.http.response import HttpResponseBase

from reglab.config.suite import Scenario
from reglab.errors import AuditError
from reglab.project.audit_ground import AuditGround
from reglab.project.cache_hits import cache_hits
from reglab.project.data.baking.people import user_model
from reglab.project.data.isolation import Sequences, commits_followed, forget_caches, rolled_back
from reglab.project.data.superuser import keys_of_callers
from reglab.project.requests.forced_user import login_cookies
from reglab.project.requests.raced import is_writing
from reglab.project.requests.silence import quiet
from reglab.project.requests.test_client import Request, Visitor, answers_to

_REQUESTS_MAX: Final = 6
_REFUSED_FOR_ITS_RATE: Final = 429
Requests = tuple[Request, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """An answer that is another one because of an earlier request, and the line that took it from a cache."""

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
        yield from self._after_somebody_else(own, clean)
        yield from self._after_writes(scenario, own)

    def _after_others(self, own: Requests, others: Sequence[tuple[str, Requests]], clean: _Answer) -> Iterator[Stale]:
        for told, requests in others[:_REQUESTS_MAX]:
            with rolled_back():
                self._clean(requests)
                found = self._sent(own)
            if found.differs_from(clean):
                yield Stale(told=f"after {told}, the answer is another one than without it", places=found.places)
                return

    def _after_somebody_else(self, own: Requests, clean: _Answer) -> Iterator[Stale]:
        """Yield an answer that was kept for another user: both may ask, and each is to see what is theirs.

        Once as somebody who sees less, and once with all rights, where the page is not for everybody.
        """
        for has_all_rights in (False, True):
            with rolled_back():
                other = self._somebody_else(own, has_all_rights=has_all_rights)
                if other is None:
                    return
                forget_caches()
                self._sent(own, visitor=other)
                found = self._sent(own)
            if found.differs_from(clean):
                yield Stale(
                    told="after the same request of another user, the answer is another one than without it",
                    places=found.places,
                )
                return

    def _somebody_else(self, own: Requests, *, has_all_rights: bool) -> Visitor | None:
        """Return a client of another user; None where nobody is logged in, or there is no other."""
        login, model = self.ground.file.suite.login, user_model()
        if login is None or model is None or any("Cookie" in one.headers for one in own):
            return None
        callers = keys_of_callers(self.ground.dataset.cookies(**self.ground.point.dataset_sizes))
        rows: models.QuerySet[Any] = models.QuerySet(model).exclude(pk__in=callers).order_by("pk")
        known = {one.name for one in model._meta.concrete_fields}  # noqa: SLF001  # Django's public name for it
        user = rows.first()
        if user is None:
            return None
        names = ("is_active", "is_staff", "is_superuser") if has_all_rights else ("is_active",)
        rights = {name: True for name in names if name in known}
        if rights:
            rows.filter(pk=user.pk).update(**rights)
            user.refresh_from_db()
        return Visitor(cookies=login_cookies(user, is_forced=login.force), handler=self.ground.handler)

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
                    told=f"asked for before and after {writer.name}, {scenario.name} is answered as before it",
                    places=found.places,
                )
                return

    def _clean(self, requests: Requests) -> _Answer:
        forget_caches()
        return self._sent(requests)

    def _sent(self, requests: Requests, *, visitor: Visitor | None = None) -> _Answer:
        self._sequences.restore()
        responses: list[HttpResponseBase] = []
        with quiet(), cache_hits(self.ground.frames) as hits:
            (visitor or self.ground.visitor()).send(requests, responses=responses)
            answer = answers_to(requests, responses)[-1]
        return _Answer(
            status=answer.status, body=answer.body, keeps=_is_anything_kept(), places=hits[-1] if hits else ()
        )


def _is_anything_kept() -> bool:
    """Whether a cache holds anything. In an audit each of them is in memory."""
    return any(getattr(cache, "_cache", None) for cache in caches.all())
