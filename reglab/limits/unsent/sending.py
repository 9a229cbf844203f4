"""Sends a request that no scenario sends, and says in one line what it is answered and what it writes."""

import json
from typing import Final

from django.db import DatabaseError
from django.http.response import HttpResponseBase

from reglab.counters.answers import fields_of
from reglab.counters.engine.row_changes import RowChange
from reglab.counters.engine.row_snapshots import RowSnapshot
from reglab.counters.engine.written_values import values_by_column, without_chance
from reglab.limits.sending import TookTooLong, limited_cpu
from reglab.limits.unsent.requests import Unsent
from reglab.project.audit_ground import AuditGround
from reglab.project.data.driver import is_aborted
from reglab.project.data.isolation import Sequences, forget_caches, rolled_back
from reglab.project.data.randomness import EXECUTION, seeded
from reglab.project.requests.raced import SAFE_METHODS
from reglab.project.requests.silence import quiet
from reglab.project.requests.test_client import answers_to
from reglab.report.checksums import checksum_of

# Sessions come and go with each login, and hold nothing of the project's.
_IGNORED_TABLES: Final = frozenset({"django_session"})
TOO_LONG: Final = "no answer in time"


class UnsentSender:
    """Sends requests, each from the same rows but for the state that it is about."""

    def __init__(self, ground: AuditGround) -> None:
        self._ground = ground
        self._visitor = ground.visitor()
        self._sequences = Sequences()

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
