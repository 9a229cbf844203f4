"""Answers of a scenario: status codes and body lengths."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from reglab.counters.counts import Count
from reglab.report.records import Evidence

_BODY_CHARACTERS: int = 300


class ResponseCounter:
    """Counts `status` and `response_bytes` of the responses that the runner appends to a list.

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

    def counts(self) -> tuple[Count, ...]:
        """Return both counts for each response, in order; none where there was no response."""
        return tuple(
            count
            for number, (response, body) in enumerate(zip(self._responses, self._bodies, strict=True), start=1)
            for count in _counts(response, body, part=f"step {number}" if len(self._bodies) > 1 else "")
        )


def _counts(response: HttpResponseBase, body: bytes, *, part: str) -> tuple[Count, Count]:
    text = body.decode(errors="replace")
    evidence = Evidence(kind="response", text=f"{response.status_code}: {text[:_BODY_CHARACTERS]}")
    return (
        Count(metric="status", part=part, value=response.status_code, evidence=(evidence,)),
        Count(metric="response_bytes", part=part, value=len(body), evidence=(evidence,)),
    )


def body_of(response: HttpResponseBase) -> bytes:
    """Return the body; what was streamed is kept on the response, so that others can still read it."""
    if isinstance(response, StreamingHttpResponse):
        body = response.getvalue()
        response.streaming_content = [body]
        return body
    return response.content if isinstance(response, HttpResponse) else b""
