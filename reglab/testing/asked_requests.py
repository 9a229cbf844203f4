"""Requests of a test's own as scenarios: what no suite could say is refused with the nearest word."""

import json
from collections.abc import Mapping
from typing import Any, Final

from django.db import connections
from pydantic import ValidationError

from reglab.config.nearest_word import nearest
from reglab.config.suite import Scenario, TableWrites
from reglab.config.suite_parts import Step
from reglab.errors import AuditError
from reglab.project.data.databases import own_aliases
from reglab.project.endpoints.discovery import Endpoints

_OPTIONS: Final = ("body", "status", "writes")


def asked_scenario(request: str, options: Mapping[str, Any]) -> Scenario:
    """Return the scenario of one request. Raises AuditError for what cannot be sent, and a write-set that cannot be."""
    for name in options:
        if name not in _OPTIONS:
            raise AuditError(f"work.request takes no {name!r}{nearest(name, _OPTIONS)}")
    status, body = options.get("status", 200), options.get("body")
    try:
        json.dumps(body)
    except (TypeError, ValueError) as error:
        raise AuditError(f"the body of {request!r} cannot be sent as JSON: {error}") from None
    try:
        step = Step(request=request, body=body, status=status)
    except ValidationError as error:
        raise AuditError(f"no request that can be sent: {_first(error)}") from None
    path = step.path.partition("?")[0]
    endpoints = Endpoints()
    if endpoints.path_of(step.path) is None:
        known = sorted({endpoint.path for endpoint in endpoints.all})
        raise AuditError(f"no URL of the project answers {path}{nearest(path, known)}")
    return Scenario(name="request", steps=(step,), writes=_write_set(options.get("writes") or {}))


def _write_set(writes: Mapping[str, Mapping[str, Any]]) -> dict[str, TableWrites]:
    tables = [name for alias in own_aliases() for name in connections[alias].introspection.table_names()]
    found = {}
    for table, allowed in writes.items():
        if table not in tables:
            raise AuditError(f"no table is called {table!r}{nearest(str(table), tables)}")
        if not isinstance(allowed, Mapping):
            raise AuditError(f"the write-set of {table} is written {{'update': 1}}, not {allowed!r}")
        for word in allowed:
            if word not in TableWrites.model_fields:
                raise AuditError(
                    f"the write-set of {table} knows no {word!r}{nearest(str(word), TableWrites.model_fields)}"
                )
        try:
            found[table] = TableWrites(**allowed)
        except ValidationError as error:
            raise AuditError(f"the write-set of {table}: {_first(error)}") from None
    return found


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg'].removeprefix('Value error, ')}, not {first['input']!r}"
