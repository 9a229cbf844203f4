"""Requests on their way to the processes that are timed."""

import json

from reglab.project.requests.test_client import Request
from reglab.timing.workers.request_codec import packed, unpacked


def test_a_request_comes_out_of_the_pipe_as_it_went_in() -> None:
    """Every byte of a body survives JSON, text or not, and so do path, headers and expected status."""
    request = Request(
        method="POST",
        path="/api/orders/?é=1",
        body=bytes(range(256)),
        content_type="application/octet-stream",
        headers={"X-Name": "value"},
        expected_status=415,
    )
    assert unpacked(json.loads(json.dumps(packed([request, request])))) == (request, request)
