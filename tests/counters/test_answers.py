"""The answer counter: a checksum a field of a JSON answer."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from reglab.counters.answers import AnswerCounter
from reglab.project.requests.limits import read_stream
from tests.counters.support import values


def counted(*given: HttpResponseBase) -> dict[str, int | float]:
    responses: list[HttpResponseBase] = []
    with AnswerCounter(responses) as counter:
        responses.extend(given)
    return values(counter)


def answered(content: Any) -> dict[str, int | float]:
    return counted(JsonResponse(content, safe=False))


ROWS = {"rows": [{"id": 1, "cents": 12}, {"id": 2, "cents": 34}]}


def test_each_field_has_a_part_of_its_own() -> None:
    """Lists are merged by field, and their length is a field too."""
    assert set(answered(ROWS)) == {"answer rows[] length", "answer rows[].id", "answer rows[].cents"}


def test_the_order_of_keys_does_not_count() -> None:
    """A serializer whose fields were sorted answers the same."""
    assert answered({"rows": [{"cents": 12, "id": 1}, {"cents": 34, "id": 2}]}) == answered(ROWS)


def test_a_wrong_value_of_equal_length_moves_its_field_alone() -> None:
    """Two digits swapped are as many bytes, and another content."""
    found = answered({"rows": [{"id": 1, "cents": 21}, {"id": 2, "cents": 34}]})
    assert {part for part, value in found.items() if value != answered(ROWS)[part]} == {"answer rows[].cents"}


def test_the_order_of_rows_counts() -> None:
    """A list is an order, and an answer in another one is another answer."""
    found = answered({"rows": list(reversed(ROWS["rows"]))})
    assert found["answer rows[].id"] != answered(ROWS)["answer rows[].id"]


def test_an_empty_list_has_a_length() -> None:
    """An answer that lost every row has no row's field any more, and says so in its length."""
    assert set(answered({"rows": []})) == {"answer rows[] length"}
    assert answered({"rows": []}) != {"answer rows[] length": answered(ROWS)["answer rows[] length"]}


def test_an_answer_of_very_many_fields_has_one_checksum() -> None:
    """Nobody reviews a document field by field; that it changed is still seen."""
    document = {f"key{number}": number for number in range(100)}
    assert set(answered(document)) == {"answer (whole answer)"}
    assert answered(document) != answered(document | {"key7": 8})


def test_what_is_not_json_is_left_to_its_length() -> None:
    """A page carries a token that differs each time; JSON that does not parse has no fields."""
    assert counted(HttpResponse("<html>")) == {}
    assert counted(HttpResponse("{", content_type="application/json")) == {}


def test_a_streamed_answer_counts() -> None:
    """JSON in pieces is JSON."""
    response = StreamingHttpResponse(iter([b'{"a"', b": 1}"]), content_type="application/json")
    assert counted(response) == answered({"a": 1})


def test_a_sequence_has_a_part_a_step() -> None:
    """Each request of a sequence is told apart by its step, also where one before it is no JSON."""
    found = counted(HttpResponse(status=204), JsonResponse({"a": 1}), JsonResponse({"a": 2}))
    assert set(found) == {"answer step 2 a", "answer step 3 a"}


def test_evidence_shows_the_first_values() -> None:
    """A checksum tells nobody anything; the values do."""
    responses: list[HttpResponseBase] = []
    with AnswerCounter(responses) as counter:
        responses.append(JsonResponse({"rows": [{"id": number} for number in range(9)]}))
    assert [one.text for count in counter.counts() for one in count.evidence] == [
        "rows[] length: 9",
        "rows[].id: 0, 1, 2, … (9 values)",
    ]


def test_a_csv_file_is_held_by_its_columns() -> None:
    """A wrong value moves its column alone; a line more, the number of them."""
    text = 'name,cents\r\nAnn,12\r\n"Bo, the second",34\r\n'

    def of(body: str) -> dict[str, int | float]:
        return counted(HttpResponse(body, content_type="text/csv; charset=utf-8"))

    assert set(of(text)) == {"answer lines", "answer name", "answer cents"}
    other = of(text.replace("34", "43"))
    assert {part for part, value in of(text).items() if value != other[part]} == {"answer cents"}
    assert of(text)["answer lines"] != of(text + "Cy,5\r\n")["answer lines"]


def test_a_redirect_is_held_by_where_it_leads() -> None:
    """To another page is another answer; the address of what was made is none of a redirect."""
    there, elsewhere = HttpResponseRedirect("/things/1/"), HttpResponseRedirect("/things/")
    assert counted(there) != counted(elsewhere)
    made = JsonResponse({"id": 1}, status=201, headers={"Location": "/things/1/"})
    assert set(counted(made)) == {"answer id"}


def test_a_stream_that_is_gathered_first_is_another_answer() -> None:
    """The same bytes in one part were all in memory at once."""
    seen = []
    for parts in (["name\r\n", "Ann\r\n"], ["name\r\nAnn\r\n"]):
        response = StreamingHttpResponse(iter(parts), content_type="text/csv")
        read_stream(response)
        seen.append(set(counted(response)))
    assert seen[0] - seen[1] == {"answer (streamed)"}
