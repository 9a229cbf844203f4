"""Proposes the lines of a load operation for a drafted endpoint: printed for review, never written into code."""

import json
import re
from collections.abc import Iterator, Mapping
from pprint import pformat
from typing import Any, Final

from django.apps import apps

from reglab.project.drafting.outcomes.outcome import Outcome

_BINDING: Final = re.compile(r"\{(\w+)\}")


def load_lines(outcome: Outcome, name: str, *, bindings: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield the lines of one operation: its function where it needs one, then its entry. Nothing for what is waived.

    The effect is what was seen: the changed columns that the answer shows with their values.
    """
    attempt = outcome.attempt
    if attempt is None or not outcome.is_measured:
        return
    method, _, path = attempt.request.partition(" ")
    found = _BINDING.search(path)
    row = f"{_model_name(found[1], bindings)}s" if found else ""
    sent = f'f"{_BINDING.sub("{row}", path)}"' if found else f'"{path}"'
    function = f"_{name.replace('-', '_')}"
    yield f"def {function}(pool: Pool, draw: Random) -> Request:"
    if found:
        yield f'    row = pool.choose("{row}", draw)'
    body = f", json={pformat(attempt.body, width=200)}" if attempt.body else ""
    if method == "GET":
        yield f'    return Request(method="GET", path={sent})'
    else:
        yield from _effects(outcome)
        yield f'    return Request(method="{method}", path={sent}{body}, effects=effects)'
    yield ""
    writes = "" if method == "GET" else ", writes=True"
    yield f'"{name}": Operation(endpoint="{method} {outcome.endpoint.path}", request={function}{writes}),'


def _effects(outcome: Outcome) -> Iterator[str]:
    """Yield the effects of a write as the load's vocabulary has them."""
    attempt = outcome.attempt
    assert attempt is not None  # noqa: S101  # measured outcomes have one
    answer = _answer(attempt.seen.body)
    kinds = {model._meta.db_table: model._meta.model_name for model in apps.get_models()}  # noqa: SLF001  # Django's public name
    changes = {"insert": "create", "update": "change", "delete": "delete"}
    told = []
    for write in outcome.writes:
        fields = {column: answer[column] for column in write.columns if column in answer}
        target = "key=pool.next_key()" if write.verb == "insert" else "row=row"
        shown = f", fields={fields!r}" if fields else ""
        kind = kinds.get(write.table, write.table)
        told.append(f'Effect(kind="{kind}", change="{changes[write.verb]}", {target}{shown})')
    if told:
        yield f"    effects = ({', '.join(told)},)"
    else:
        yield "    effects = ()  # it wrote nothing: say what it is to change"


def _answer(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    plain = str | int | float | bool | None
    return {key: value for key, value in answer.items() if isinstance(value, plain)} if isinstance(answer, dict) else {}


def _model_name(binding: str, bindings: Mapping[str, Mapping[str, Any]]) -> str:
    how = bindings.get(binding)
    return str(how["model"]).rpartition(".")[2].lower() if how else binding
