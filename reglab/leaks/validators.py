"""Answers to who asks whether anything has changed: a validator, such as an ETag, that a change does not move."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from django.db import models
from django.http.response import HttpResponseBase
from django.utils import timezone

from reglab.config.suite import Scenario
from reglab.leaks.history import Stale
from reglab.project.audit_ground import AuditGround, own_models
from reglab.project.data.isolation import Sequences, forget_caches, rolled_back, stopped_clock
from reglab.project.endpoints.view_places import place_of_view, view_of
from reglab.project.requests.silence import quiet
from reglab.project.requests.test_client import Answer, Request, answers_to

# What an answer is known by, and how a client asks whether it still holds.
_ASKED_BY: Final = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
_NOT_MODIFIED: Final = 304
# Shorter texts stand in answers of their own accord.
_LENGTH_MIN: Final = 6
_ROWS_MAX: Final = 20
_MARK: Final = "reglab-"
# A time in seconds tells no two changes within one apart.
_LATER: Final = timedelta(hours=1)


@dataclass(slots=True, kw_only=True)
class Validators:
    """Saves rows behind an answer that has a validator, and asks with the former one whether anything has changed."""

    ground: AuditGround
    _sequences: Sequences = field(default_factory=Sequences)

    def stale(self, scenario: Scenario) -> Iterator[Stale]:
        """Yield each column whose change a client is never told of, although the answer shows it."""
        requests = self.ground.requests(scenario)
        before, response = self._sent(requests)
        former = {by: response.headers[name] for name, by in _ASKED_BY.items() if name in response.headers}
        if not former or not before.body:
            return
        last = requests[-1]
        asking = (*requests[:-1], replace(last, headers={**last.headers, **former}))
        for row, column in self._shown(before.body.decode(errors="replace")):
            with rolled_back(), stopped_clock(timezone.now() + _LATER):
                if not _is_changed(row, column):
                    continue
                (after, _), (again, _) = self._sent(requests), self._sent(asking)
            if _MARK in after.body.decode(errors="replace") and again.status == _NOT_MODIFIED:
                table = row._meta.db_table  # noqa: SLF001  # Django's public name for it
                yield Stale(
                    kind="unchanged",
                    told=f"{table}.{column} was changed, and who asks by {' and '.join(former)} is told that the "
                    f"answer is as before ({_NOT_MODIFIED})",
                    places=tuple(filter(None, [place_of_view(view_of(last.path), last.method, self.ground.frames)])),
                )

    def _shown(self, body: str) -> Iterator[tuple[Any, str]]:
        """Yield of each text column of the project's own models one row whose text the answer shows."""
        for model in own_models(self.ground.frames):
            rows: models.QuerySet[Any] = models.QuerySet(model)
            kept = list(rows.order_by("-pk")[:_ROWS_MAX])
            for one in model._meta.concrete_fields:  # noqa: SLF001
                if isinstance(one, models.CharField | models.TextField) and not one.choices and not one.primary_key:
                    texts = ((row, getattr(row, one.attname)) for row in kept)
                    shown = (row for row, text in texts if isinstance(text, str) and _is_in(text, body))
                    yield from ((row, one.attname) for row in [next(shown, None)] if row is not None)

    def _sent(self, requests: tuple[Request, ...]) -> tuple[Answer, HttpResponseBase]:
        self._sequences.restore()
        forget_caches()
        responses: list[HttpResponseBase] = []
        with quiet(), rolled_back():
            self.ground.visitor().send(requests, responses=responses)
            return answers_to(requests, responses)[-1], responses[-1]


def _is_in(text: str, body: str) -> bool:
    return len(text) >= _LENGTH_MIN and text in body


def _is_changed(row: Any, column: str) -> bool:
    """Save another text as the project saves it: what notes the time of a change, notes it."""
    setattr(row, column, f"{_MARK}{getattr(row, column)}"[: row._meta.get_field(column).max_length])  # noqa: SLF001
    try:
        row.save()
    except Exception:  # noqa: BLE001  # whatever the project's own save() raises: this text is refused
        return False
    return True
