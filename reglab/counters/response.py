"""Answers of a scenario: status codes and body lengths."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from reglab.counters.engine.definition import CounterMetric, Definition, Kept, Layer
from reglab.metrics import Better
from reglab.report.records import Evidence, Measurement

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

STATUS: Final = CounterMetric(
    name="status",
    unit="HTTP status",
    meaning="the response's status code",
    better=Better.SAME,
    kept=Kept.NOWHERE,
    # The declared status has a line of its own.
    unrecorded_parts=frozenset({""}),
    can_grow=False,
)
RESPONSE_BYTES: Final = CounterMetric(
    name="response_bytes",
    unit="bytes",
    meaning="length of the response's body; of a page, of what it says without its markup",
    time_rank=10,
)
PAGE_BYTES: Final = CounterMetric(
    name="page_bytes", unit="bytes", meaning="length of an HTML page, with its markup and scripts", time_rank=10
)
# What a page holds beside its words: an attribute more in each row of a table is no other content.
_MARKUP: Final = re.compile(rb"<!--.*?-->|<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_SPACE: Final = re.compile(rb"\s+")
_BODY_CHARACTERS: Final = 300


class ResponseCounter:
    """Counts `status`, `response_bytes` and `page_bytes` of the responses that the runner appends to a list.

    A scenario of one request has one value of each; of a sequence, each request has its own, with the part "step 2".
    A streamed body is read when the block is left: put this counter innermost, so that the others see that work too.
    """

    def __init__(self, responses: Sequence[HttpResponseBase]) -> None:
        self._responses = responses
        self._bodies: list[bytes] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bodies = [body_of(response) for response in self._responses]

    def counts(self) -> tuple[Measurement, ...]:
        """Return the counts of each response, in order; none where there was no response."""
        return tuple(
            count
            for number, (response, body) in enumerate(zip(self._responses, self._bodies, strict=True), start=1)
            for count in _counts(response, body, part=f"step {number}" if len(self._bodies) > 1 else "")
        )


def _counts(response: HttpResponseBase, body: bytes, *, part: str) -> Iterator[Measurement]:
    text = body.decode(errors="replace")
    evidence = Evidence(kind="response", text=f"{response.status_code}: {text[:_BODY_CHARACTERS]}")
    yield Measurement(metric=STATUS, part=part, values=(response.status_code,), evidence=(evidence,))
    is_page = bool(body) and response.headers.get("Content-Type", "").startswith("text/html")
    length = len(_SPACE.sub(b" ", _MARKUP.sub(b"", body))) if is_page else len(body)
    yield Measurement(metric=RESPONSE_BYTES, part=part, values=(length,), evidence=(evidence,))
    if is_page:
        yield Measurement(metric=PAGE_BYTES, part=part, values=(len(body),), evidence=(evidence,))


def body_of(response: Any) -> bytes:
    """Return the body; what was streamed is kept on the response, so that others can still read it."""
    if getattr(response, "streaming", False):
        body: bytes = response.getvalue()
        response.streaming_content = [body]
        return body
    return bytes(getattr(response, "content", b""))


COUNTER: Final = Definition(
    metrics=(STATUS, RESPONSE_BYTES, PAGE_BYTES),
    layer=Layer.BODIES,
    make=lambda execution: ResponseCounter(execution.responses),
)
