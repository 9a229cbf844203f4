"""Content of a scenario's answers: one checksum a field of a JSON answer, whatever the order of its keys."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from io import StringIO
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from reglab.counters.engine.definition import CounterMetric, Definition, Layer
from reglab.counters.response import body_of
from reglab.metrics import Better
from reglab.project.requests.json_content import json_content
from reglab.report.checksums import UNIT, checksum_of
from reglab.report.records import Evidence, Measurement

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

ANSWER: Final = CounterMetric(
    name="answer",
    unit=UNIT,
    meaning="content of an answer in JSON or CSV, by field; where a redirect leads",
    better=Better.SAME,
    is_parted=True,
    can_grow=False,
)
# An answer of more fields than a person would review, such as an OpenAPI document, has one checksum in all.
_FIELDS_MAX: Final = 40
_WHOLE: Final = "(whole answer)"
LEADS_TO: Final = "(leads to)"
STREAMED: Final = "(streamed)"
_VALUES_SHOWN: Final = 3
_VALUE_CHARACTERS: Final = 60
Fields = dict[str, list[Any]]


class AnswerCounter:
    """Takes `answer`: for each field of each JSON answer ("results[].status") a checksum of its values in their order.

    Two answers of equal length and status may still differ: a filter that lets the wrong rows through, a sum over the
    wrong orders. Other kinds of answers (a page, a file) are left to `response_bytes`. Put it outside the response
    counter, which reads streamed bodies.
    """

    def __init__(self, responses: Sequence[HttpResponseBase]) -> None:
        self._responses = responses
        self._answers: list[Fields] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._answers = [fields_of(response) for response in self._responses]

    def counts(self) -> tuple[Measurement, ...]:
        """Return one count a field, in the order of the answers; the checksum is CRC-32 of the values as JSON."""
        steps = [f"step {number} " for number in range(1, len(self._answers) + 1)] if len(self._answers) > 1 else [""]
        return tuple(
            Measurement(
                metric=ANSWER,
                part=f"{step}{field}",
                values=(checksum_of(values),),
                evidence=(_evidence(field, values),),
            )
            for step, fields in zip(steps, self._answers, strict=False)
            for field, values in fields.items()
        )


def fields_of(response: HttpResponseBase) -> Fields:
    """Return the values of each field of a JSON answer, in its order, or where a redirect leads, or nothing.

    A streamed answer says whether it came in several parts: one that is gathered first holds all of it in memory.
    """
    found = _content_of(response)
    if getattr(response, "reglab_parts", 0) > 1:
        found[STREAMED] = ["in several parts"]
    return found


def _content_of(response: HttpResponseBase) -> Fields:
    if 300 <= response.status_code < 400 and (location := response.headers.get("Location", "")):
        return {LEADS_TO: [location]}
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
    if kind == "text/csv":
        return _columns_of(body_of(response))
    if not kind.endswith("json"):
        return {}
    try:
        content = json_content(body_of(response))
    except ValueError:
        return {}
    fields: Fields = {}
    for field, value in _leaves(content, ""):
        fields.setdefault(field or "(answer)", []).append(value)
    return fields if len(fields) <= _FIELDS_MAX else {_WHOLE: [content]}


def _columns_of(body: bytes) -> Fields:
    """Return the values of each column of a CSV file, by the name in its first line."""
    try:
        rows = list(csv.reader(StringIO(body.decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error):
        return {}
    names = rows[0] if rows else []
    fields: Fields = {"lines": [len(rows)]}
    for number, name in enumerate(names):
        fields.setdefault(name or f"column {number + 1}", []).extend(row[number : number + 1] for row in rows[1:])
    return fields if len(fields) <= _FIELDS_MAX else {_WHOLE: [rows]}


def _leaves(content: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(content, dict):
        for key in sorted(content):
            yield from _leaves(content[key], f"{path}.{key}" if path else key)
    elif isinstance(content, list):
        # The length is content too: of two empty lists none has a leaf.
        yield f"{path}[] length", len(content)
        for value in content:
            yield from _leaves(value, f"{path}[]")
    else:
        yield path, content


def _evidence(field: str, values: list[Any]) -> Evidence:
    shown = ", ".join(json.dumps(value)[:_VALUE_CHARACTERS] for value in values[:_VALUES_SHOWN])
    more = f", … ({len(values)} values)" if len(values) > _VALUES_SHOWN else ""
    return Evidence(kind="response", text=f"{field}: {shown}{more}")


COUNTER: Final = Definition(
    metrics=(ANSWER,), layer=Layer.ANSWERS, make=lambda execution: AnswerCounter(execution.responses)
)
