"""A request is whole exactly when a parser need not wait for its client."""

import pytest

from service.server import limits
from service.server.arrival import Arrival

GET = b"GET /api/orders/ HTTP/1.1\r\nHost: shop\r\n\r\n"
POST = b"POST /api/items/ HTTP/1.1\r\nHost: shop\r\nContent-Length: 5\r\n\r\n12345"
CHUNKS = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n\r\n0\r\n\r\n\r\n3;a=b\r\nabc\r\n0\r\n\r\n"
TRAILERS = b"POST / HTTP/1.1\r\ntransfer-encoding: CHUNKED\r\n\r\n1\r\na\r\n0\r\nDigest: x\r\n\r\n"
EMPTY_LINES = b"\r\n\r\n" + GET


@pytest.mark.parametrize("step", [1, 3, 10_000])
@pytest.mark.parametrize("request_bytes", [GET, POST, CHUNKS, TRAILERS, EMPTY_LINES])
def test_a_request_is_whole_with_its_last_byte(request_bytes: bytes, step: int) -> None:
    """However it is cut into pieces, it is whole when all of it is here, and not before."""
    arrival = Arrival()
    for start in range(0, len(request_bytes), step):
        assert not arrival.is_whole
        arrival.add(request_bytes[start : start + step])
    assert arrival.is_whole
    assert not arrival.is_too_large
    assert bytes(arrival.buffer) == request_bytes


@pytest.mark.parametrize(
    "malformed",
    [
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"A" * (limits.HEADER_BYTES_MAX + 1),
    ],
    ids=["no chunk size", "a negative one", "no length", "no end of headers"],
)
def test_what_is_malformed_goes_to_the_parser(malformed: bytes) -> None:
    """The parser refuses it at once; waiting for more would only keep the connection."""
    arrival = Arrival()
    arrival.add(malformed)
    assert arrival.is_whole


@pytest.mark.parametrize(
    "headers",
    [
        f"POST / HTTP/1.1\r\nContent-Length: {limits.BODY_BYTES_MAX + 1}\r\n\r\n",
        f"POST / HTTP/1.1\r\nContent-Length: {'9' * 4_000}\r\n\r\n",
        f"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffff\r\n{'a' * (limits.BODY_BYTES_MAX + 1)}",
    ],
    ids=["a long body", "an absurd one", "many chunks"],
)
def test_a_body_beyond_the_limit_is_not_collected(headers: str) -> None:
    """What the service would refuse anyway is refused while it arrives."""
    arrival = Arrival()
    arrival.add(headers.encode())
    assert arrival.is_too_large
    assert not arrival.is_whole


@pytest.mark.parametrize(("start", "expected"), [(b"GET /healthz/live HTTP/1.1", True), (GET, False), (b"GET", False)])
def test_a_health_check_is_known_by_its_first_line(start: bytes, expected: bool) -> None:
    """It has threads of its own."""
    arrival = Arrival()
    arrival.add(start)
    assert arrival.is_health_check is expected
