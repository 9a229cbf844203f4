"""The response counter: status and length, one value a request."""

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from reglab.counters.response import ResponseCounter
from tests.counters.support import values


def counted(*given: HttpResponseBase) -> dict[str, int | float]:
    responses: list[HttpResponseBase] = []
    with ResponseCounter(responses) as counter:
        responses.extend(given)
    return values(counter)


def test_one_answer_has_a_status_and_a_length() -> None:
    """The length is that of the encoded body."""
    assert counted(HttpResponse("né", status=201, content_type="text/plain")) == {"status": 201, "response_bytes": 3}


def test_a_page_is_as_long_as_what_it_says() -> None:
    """Markup, styles and scripts count in the page's own bytes alone."""
    page = "<style>p { color: red }</style>\n<p class='one'>two</p> <script>let x = '<b>';</script>"
    assert counted(HttpResponse(page)) == {"status": 200, "response_bytes": len(" two "), "page_bytes": len(page)}


def test_headers_do_not_count() -> None:
    """A header more changes neither value; a byte more in the body does."""
    plain = counted(HttpResponse("abc"))
    assert counted(HttpResponse("abc", headers={"X-More": "yes"})) == plain
    assert counted(HttpResponse("abcd")) != plain


def test_a_sequence_has_a_value_a_step() -> None:
    """Each request of a sequence is told apart by its step."""
    assert counted(
        HttpResponse("a", content_type="text/csv"), HttpResponse("bc", status=404, content_type="text/csv")
    ) == {
        "status step 1": 200,
        "response_bytes step 1": 1,
        "status step 2": 404,
        "response_bytes step 2": 2,
    }


def test_a_streamed_body_is_read_inside_the_block_and_kept() -> None:
    """A streamed body counts, and can still be read afterwards."""
    response = StreamingHttpResponse(iter([b"ab", b"c"]))
    assert counted(response)["response_bytes"] == 3
    assert response.getvalue() == b"abc"


def test_no_answer_has_no_count() -> None:
    """Without a response there is nothing that could be mistaken for a value."""
    assert counted() == {}
