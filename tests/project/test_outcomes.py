"""A waiver says what was asked for, and what was seen."""

from django.http import HttpRequest, HttpResponse

from reglab.project.drafting.outcomes import Attempt, outcome_of
from reglab.project.drafting.probe import Seen
from reglab.project.endpoints.discovery import Endpoint
from reglab.project.endpoints.routes import Parameter


def view(request: HttpRequest, pk: int) -> HttpResponse:
    return HttpResponse(status=404)


def test_a_row_that_is_not_found_is_named() -> None:
    """Another row may be found: the reader has to know which one was asked for."""
    key = Parameter(name="pk", pattern="[0-9]+")
    endpoint = Endpoint(method="GET", path="/parts/{pk}/", route="parts/<int:pk>/", view=view, parameters=(key,))
    outcome = outcome_of(endpoint, [Attempt(request="GET /parts/{part}/", seen=Seen(status=404, body=b"none here"))])
    assert not outcome.is_measured
    assert outcome.reason == "404 for /parts/{part}/: none here"
    assert outcome.group == "status 404"


def test_what_a_full_body_was_refused_for_is_told() -> None:
    """That an empty body lacks a field says nothing about the field that a full one has wrong."""
    endpoint = Endpoint(method="POST", path="/parts/", route="parts/", view=view, parameters=())
    full = Attempt(
        request="POST /parts/",
        body={"name": "a"},
        source="serializer",
        seen=Seen(status=500, error="IntegrityError: twice"),
    )
    empty = Attempt(request="POST /parts/", body={}, seen=Seen(status=400, body=b"name is required"))
    assert outcome_of(endpoint, [full, empty]).reason == "raises IntegrityError: twice with a body from the serializer"
