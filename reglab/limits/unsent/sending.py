"""Sends a request that no scenario sends, and says in one line what it is answered and what it writes."""

import json
import sys
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.core.signals import got_request_exception
from django.db import DatabaseError
from django.http.response import HttpResponseBase

from reglab.counters.answers import fields_of
from reglab.counters.engine.row_changes import RowChange
from reglab.counters.engine.row_snapshots import RowSnapshot
from reglab.counters.engine.written_values import values_by_column, without_chance
from reglab.limits.sending import TookTooLong, limited_cpu, told_error
from reglab.limits.unsent.requests import Unsent
from reglab.project.audit_ground import AuditGround
from reglab.project.data.driver import is_aborted
from reglab.project.data.isolation import Sequences, forget_caches, rolled_back
from reglab.project.data.randomness import EXECUTION, seeded
from reglab.project.requests.raced import SAFE_METHODS
from reglab.project.requests.silence import quiet
from reglab.project.requests.test_client import answers_to
from reglab.project.tracebacks import raised_in
from reglab.report.checksums import checksum_of

# Sessions come and go with each login, and hold nothing of the project's.
_IGNORED_TABLES: Final = frozenset({"django_session"})
TOO_LONG: Final = "no answer in time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What a request came to: its fate, and the exception behind a 5xx with its lines, innermost first."""

    fate: str
    said: str = ""
    places: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


class UnsentSender:
    """Sends requests, each from the same rows but for the state that it is about."""

    def __init__(self, ground: AuditGround) -> None:
        self._ground = ground
        self._visitor = ground.visitor()
        self._sequences = Sequences()
        self._error: BaseException | None = None

    def came(self, one: Unsent) -> Came:
        """Return what became of a request, and of which exception, where one was behind it."""
        self._error = None
        got_request_exception.connect(self._note)
        try:
            fate = self.fate(one)
        finally:
            got_request_exception.disconnect(self._note)
        return self._explained(fate)

    def _explained(self, fate: str) -> Came:
        if self._error is None or not fate.startswith("5"):
            return Came(fate=fate)
        places = raised_in(self._error.__traceback__, self._ground.frames)
        return Came(fate=fate, said=told_error(self._error), places=tuple(places))

    def _note(self, **_: Any) -> None:
        self._error = self._error or sys.exc_info()[1]

    def fate(self, one: Unsent) -> str:
        """Return what became of a request: "200 shop_order update status #1a2b3c4d", or "409".

        The number is a checksum of the values that were written, or of a JSON answer that wrote nothing. Empty where
        the database refuses rows in this state.
        """
        self._sequences.restore()
        forget_caches()
        try:
            with limited_cpu([], self._ground), quiet(), rolled_back(), seeded(EXECUTION), one.around():
                return self._fate(one)
        except TookTooLong:
            return TOO_LONG

    def _fate(self, one: Unsent) -> str:
        try:
            one.prepare()
        except (DatabaseError, ValueError, TypeError):
            return ""
        # What is safe writes nothing, or the audit of work tells it.
        seen = () if one.request.method in SAFE_METHODS else self._ground.connections
        before = RowSnapshot.taken(seen)
        responses: list[HttpResponseBase] = []
        self._visitor.send((one.request,), responses=responses)
        answer = answers_to((one.request,), responses)[0]
        status = str(answer.status)
        if any(is_aborted(connection) for connection in self._ground.connections):
            return status
        changes = before.changes_to(RowSnapshot.taken(seen), seen)
        if written := _written([change for change in changes if change.table not in _IGNORED_TABLES]):
            return f"{status} {written}"
        fields = fields_of(responses[0]) if 200 <= answer.status < 300 else {}
        return f"{status} #{checksum_of([without_chance(json.dumps(fields))]):08x}" if fields else status


def _written(changes: list[RowChange]) -> str:
    """Return which columns of which tables were written, and a checksum of their values; nothing where none was."""
    groups: dict[tuple[str, str], list[RowChange]] = {}
    for change in changes:
        groups.setdefault((change.table, change.verb), []).append(change)
    told, values = [], []
    for (table, verb), rows in sorted(groups.items()):
        columns = sorted({column for row in rows for column in row.columns})
        told.append(" ".join(filter(None, (table, verb, ", ".join(columns)))))
        values.append([len(rows), *values_by_column(rows)])
    return f"{'; '.join(told)} #{checksum_of(values):08x}" if told else ""
