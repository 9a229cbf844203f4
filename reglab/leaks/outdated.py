"""Answers that show what the rows no longer hold: a memo of the process, which no write clears."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import DatabaseError, transaction
from django.db.models import Model
from django.http.response import HttpResponseBase

from reglab.config.suite import Scenario
from reglab.leaks.held_memory import line_of, names_that_hold
from reglab.leaks.history import Stale
from reglab.project.audit_ground import AuditGround, own_models
from reglab.project.data.isolation import Sequences, forget_caches, rolled_back
from reglab.project.data.stored_texts import StoredText, fixed_texts, stored_texts, texts_of
from reglab.project.requests.silence import quiet
from reglab.project.requests.test_client import Request, answers_to

# Shorter texts stand in pages of their own accord.
_LENGTH_MIN: Final = 6
_COLUMNS_MAX: Final = 6
_MARK: Final = "reglab-changed-"


@dataclass(slots=True, kw_only=True)
class Outdated:
    """Changes the texts of rows behind an answer, and looks whether it still shows the old ones.

    Caches of Django's are empty each time: what they keep, and for how long, is meant.
    """

    ground: AuditGround
    _sequences: Sequences = field(default_factory=Sequences)
    _known: "list[tuple[StoredText, frozenset[str]]] | None" = None

    def stale(self, scenario: Scenario) -> Iterator[Stale]:
        """Yield each column whose old texts an answer shows although no row holds them any more."""
        # Bound before a row changes: a binding may look for one of the texts.
        requests = self.ground.requests(scenario)
        before = self._answer(requests)
        shown = [(column, found) for column, texts in self._texts() if (found := _in(before, texts))]
        for column, texts in shown[:_COLUMNS_MAX]:
            with rolled_back():
                try:
                    with transaction.atomic():
                        column.put(_MARK)
                except (DatabaseError, ValueError, TypeError):
                    # Such a text is refused by the database itself.
                    continue
                after = self._answer(requests)
            # One that is shown less often was the row's, and what is left is a text of the page's own.
            if _MARK.encode() not in after and all(_count(after, one) >= _count(before, one) for one in texts):
                text = min(texts)
                yield Stale(
                    kind="after rows changed",
                    told=f"{column.part} was changed in all rows, and the answer still shows {text!r}",
                    places=tuple(
                        line_of(path, name, self.ground.frames)
                        for path, name in names_that_hold(text, self.ground.frames)
                    ),
                )

    def _texts(self) -> "list[tuple[StoredText, frozenset[str]]]":
        """Return the texts of each column of the project's own models that no other column holds."""
        if self._known is None:
            models = own_models(self.ground.frames)
            found = [(column, texts_of(column)) for column in stored_texts(models)]
            # A user's name may stand in an address that another column holds: it is shown there.
            joined = ["\0".join(sorted(texts)) for _, texts in found]
            fixed = "\0".join(_fixed(models))
            self._known = [
                (column, alone)
                for number, (column, texts) in enumerate(found)
                if (
                    alone := frozenset(
                        one for one in texts if _is_alone(one, [fixed, *joined[:number], *joined[number + 1 :]])
                    )
                )
            ]
        return self._known

    def _answer(self, requests: tuple[Request, ...]) -> bytes:
        self._sequences.restore()
        forget_caches()
        responses: list[HttpResponseBase] = []
        with quiet(), rolled_back():
            self.ground.visitor().send(requests, responses=responses)
            return answers_to(requests, responses)[-1].body


def _is_alone(text: str, elsewhere: list[str]) -> bool:
    return len(text) >= _LENGTH_MIN and not any(text in one for one in elsewhere)


def _fixed(models: Sequence[type[Model]]) -> Iterator[str]:
    for model in models:
        try:
            with transaction.atomic():
                yield from list(fixed_texts([model]))
        except DatabaseError:
            continue


def _count(body: bytes, text: str) -> int:
    return body.count(text.encode())


def _in(body: bytes, texts: frozenset[str]) -> frozenset[str]:
    return frozenset(text for text in texts if text.encode() in body)
