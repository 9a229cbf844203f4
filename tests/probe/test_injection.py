"""Values in the text of statements and pages are found; bound and escaped ones are not."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse

from reglab.injection.recording import lines
from reglab.report.records import Measurement
from tests.probe.conftest import Grounds

pytestmark = pytest.mark.postgres


def _found(ground: Grounds, view: str) -> dict[str, Measurement]:
    recorded = lines(ground(f"GET /{view}/?name=Ann"))
    return {line.metric.name: line for line in recorded if isinstance(line, Measurement)}


def test_a_value_in_a_statement_is_an_injection(ground: Grounds) -> None:
    """The parameter and the line that builds the statement are named."""
    found = _found(ground, "raw")
    assert found["injections"].values == (1,)
    assert found["injections"].evidence[0].text.startswith("?name= is part of the statement's text")
    assert found["injections"].evidence[0].source.endswith("in raw")


def test_a_value_that_leads_to_another_host_is_told(ground: Grounds) -> None:
    """An address that somebody sends is where the browser goes; what stays on this site passes."""
    (hit,) = _found(ground, "leads-anywhere")["foreign_redirects"].evidence
    assert hit.text.startswith("?name= leads to whatever host it names: 302 to https://")
    assert hit.source.endswith("in leads_anywhere")
    assert _found(ground, "leads-within-this-site")["foreign_redirects"].values == (0,)


def test_a_value_in_capitals_is_an_injection_too(ground: Grounds) -> None:
    """A search that compares in capitals turns the value into them before it is SQL."""
    assert _found(ground, "raw-in-capitals")["injections"].values == (1,)


def test_a_value_read_backwards_is_an_injection_too(ground: Grounds) -> None:
    """What ends so is looked for from its end, by an index on the text read backwards; an address keeps its form."""
    recorded = lines(ground("GET /ends-with/?name=ann@rows.example"))
    found = {line.metric.name: line for line in recorded if isinstance(line, Measurement)}
    assert found["injections"].values == (1,)
    assert found["injections"].evidence[0].source.endswith("in ends_with")


def test_a_value_that_the_project_quotes_is_no_injection(ground: Grounds) -> None:
    """Doubled quotes keep the value a value: a note, not a failure."""
    found = _found(ground, "quoted")
    assert found["injections"].values == (0,)
    assert found["values_inlined"].values == (1,)


def test_a_bound_value_passes(ground: Grounds) -> None:
    """A parameter of the statement is not in its text, wherever the canary was put."""
    found = _found(ground, "bound")
    assert found["canaries_sent"].values[0] > 2
    assert found["injections"].values == found["values_inlined"].values == found["unescaped_values"].values == (0,)


def test_markup_in_a_page_is_found(ground: Grounds) -> None:
    """A page that repeats the value as it came is named with the parameter."""
    assert _found(ground, "unescaped")["unescaped_values"].evidence[0].text.startswith("?name= is in the page")


def test_a_parameter_that_no_scenario_sends_is_tried(ground: Grounds) -> None:
    """What the code asks for is an input, whether or not the suite knows it."""
    found = _found(ground, "sorted-as-asked")
    assert found["injections"].evidence[0].text.startswith("?sort= is part of the statement's text")
    assert _found(ground, "looks-for-a-name")["injections"].values == (0,)


def test_the_line_that_made_the_value_sql_comes_first(ground: Grounds) -> None:
    """A queryset is often sent elsewhere than it is built."""
    (hit,) = _found(ground, "built-elsewhere")["injections"].evidence
    assert hit.source.endswith("in _narrowed")


def test_markup_in_a_row_is_found_in_the_page(ground: Grounds) -> None:
    """What one client stores, another client's browser runs; a template that escapes it passes."""
    assert _found(ground, "shows-stored-markup")["unescaped_values"].evidence[0].text.startswith("orders_customer.name")
    assert _found(ground, "escapes-stored-markup")["unescaped_values"].values == (0,)


def test_the_line_that_called_markup_safe_is_named(ground: Grounds) -> None:
    """The page is whole long after its parts were made."""
    (hit,) = _found(ground, "marks-safe")["unescaped_values"].evidence
    assert hit.source.endswith("in marks_safe")


class Tagged:
    """A middleware that puts the address into a comment of each statement, by a wrapper of its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with tagged statements."""

        def tagged(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
            return execute(f"/* {request.get_full_path().replace('%', '%%')} */ {sql}", *arguments)

        with connection.execute_wrapper(tagged):
            return self.get_response(request)


def test_an_address_in_a_comment_is_an_injection(ground: Grounds, settings: Any) -> None:
    """A wrapper changes the statement after every other one has seen it; a client may send `*/` as it is."""
    settings.MIDDLEWARE = [f"{__name__}.Tagged"]
    (hit,) = _found(ground, "bound")["injections"].evidence
    assert hit.text.startswith("?name= is part of the statement's text")
