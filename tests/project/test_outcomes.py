"""A waiver says what was asked for, and what was seen."""

from django.http import HttpRequest, HttpResponse

from reglab.project.drafting.outcomes.outcome import Attempt, outcome_of
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


def test_a_form_that_shows_no_errors_is_told_by_those_that_it_found() -> None:
    """A project may have markup of its own for errors; a page that only came back says nothing."""
    endpoint = Endpoint(method="POST", path="/parts/", route="parts/", view=view, parameters=())
    seen = Seen(status=200, content_type="text/html", body=b"<form></form>", form_errors="name: too short")
    outcome = outcome_of(endpoint, [Attempt(request="POST /parts/", body={"name": "a"}, source="form", seen=seen)])
    assert outcome.reason == "200: the form was refused with a body from the form: name: too short"
    assert outcome.group == "a form was refused"


def test_of_refused_forms_the_fullest_is_told() -> None:
    """A field that was left empty says nothing about what is wrong with a full one, and no form reads JSON."""
    endpoint = Endpoint(method="POST", path="/parts/", route="parts/", view=view, parameters=())
    form, json = "application/x-www-form-urlencoded", "application/json"
    bodies: tuple[tuple[dict[str, str], str, str], ...] = (
        ({"name": ""}, form, "name: This field is required."),
        ({"name": "drafted"}, form, "name: taken"),
        ({"name": "drafted", "code": "a"}, json, "name: This field is required."),
        ({}, form, "name: required"),
    )
    attempts = [
        Attempt(
            request="POST /parts/",
            body=body,
            content_type=kind,
            source="form",
            seen=Seen(status=200, content_type="text/html", form_errors=errors),
        )
        for body, kind, errors in bodies
    ]
    assert outcome_of(endpoint, attempts).reason == "200: the form was refused with a body from the form: name: taken"


def test_a_mute_answer_is_told_by_what_was_raised() -> None:
    """What the answer says itself comes first."""
    endpoint = Endpoint(method="GET", path="/parts/", route="parts/", view=view, parameters=())

    def reason(body: bytes) -> str:
        seen = Seen(status=404, content_type="text/plain", body=body, refused_for="Http404 (shop/views.py:7)")
        return outcome_of(endpoint, [Attempt(request="GET /parts/", seen=seen)]).reason

    assert reason(b"") == "404: Http404 (shop/views.py:7)"
    assert reason(b"gone") == "404: gone"


def test_a_row_that_the_body_names_in_vain_is_told_before_bodies_of_other_shapes() -> None:
    """A 404 of a URL without parameters is about the body; that other bodies lack a field says nothing of it."""
    endpoint = Endpoint(method="POST", path="/parts/", route="parts/", view=view, parameters=())
    named = Attempt(
        request="POST /parts/", body={"shelf": "a"}, source="schema", seen=Seen(status=404, body=b"no shelf a")
    )
    other = Attempt(
        request="POST /parts/", body={"data": {}}, source="model", seen=Seen(status=422, body=b"Field required")
    )
    assert outcome_of(endpoint, [named, other]).reason == "404 with a body from the schema: no shelf a"


def test_a_list_that_no_endpoint_asked_for_hides_no_refusal() -> None:
    """The draft sends its body as an entry of a list at last: that this is no object says nothing of the endpoint."""
    key = Parameter(name="pk", pattern="[0-9]+")
    endpoint = Endpoint(method="POST", path="/parts/{pk}/", route="parts/<int:pk>/", view=view, parameters=(key,))
    named = Attempt(
        request="POST /parts/{part}/", body={"name": "a"}, seen=Seen(status=404, body=b"nobody is called so")
    )
    listed = Attempt(
        request="POST /parts/{part}/", body=[{"name": "a"}], seen=Seen(status=400, body=b"Expected a dictionary")
    )
    assert "nobody is called so" in outcome_of(endpoint, [named, listed]).reason


def test_a_formset_that_was_sent_nothing_says_nothing() -> None:
    """Who sends a model's fields to a form with lines is told of fields that no person ever fills in."""
    endpoint = Endpoint(method="POST", path="/parts/", route="parts/", view=view, parameters=())
    attempts = [
        Attempt(
            request="POST /parts/",
            body=body,
            content_type="application/x-www-form-urlencoded",
            source="form",
            seen=Seen(status=200, content_type="text/html", form_errors=errors),
        )
        for body, errors in (
            ({"name": "a"}, "name: taken"),
            ({"name": "a", "code": "b"}, "TOTAL_FORMS: This field is required."),
        )
    ]
    assert "name: taken" in outcome_of(endpoint, attempts).reason


def test_what_a_view_finds_beyond_the_form_is_told() -> None:
    """It adds its error after the form was found whole: the page shows it, in place of what an empty form lacks."""
    endpoint = Endpoint(method="POST", path="/parts/", route="parts/", view=view, parameters=())
    shown = b'<ul class="errorlist"><li>This amount is not open.</li></ul>'
    attempts = [
        Attempt(
            request="POST /parts/",
            body=body,
            content_type="application/x-www-form-urlencoded",
            source=source,
            seen=Seen(status=200, content_type="text/html", form_errors=errors, body=page),
        )
        for body, source, errors, page in (
            ({"amount": "1"}, "form class", "", shown),
            ({"amount": "1", "booking": "2"}, "model", "method: This field is required.", b""),
            ({}, "", "amount: This field is required.", b""),
        )
    ]
    reason = "200: the form was refused with a body from the form class: This amount is not open."
    assert outcome_of(endpoint, attempts).reason == reason
