"""The summary of a draft is read in a terminal of eighty columns."""

from typing import Any, cast
from unittest import mock

from django.http import HttpRequest, HttpResponse
from django.urls import resolve

from reglab.project.data.baking.rows import Baked
from reglab.project.drafting.draft import Draft
from reglab.project.drafting.login import Access
from reglab.project.drafting.outcomes.outcome import Outcome, waived
from reglab.project.drafting.summary import _root_of, summary_of
from reglab.project.endpoints.discovery import Endpoint
from service.orders.models import Order


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=404)


def test_no_line_is_longer_than_a_terminal() -> None:
    """A long reason goes on below itself."""
    endpoint = Endpoint(method="GET", path="/parts/", route="parts/", view=view, parameters=())
    draft = Draft(
        outcomes=(waived(endpoint, "raises ValueError: " + 20 * "not this one, ", group="raises an exception"),),
        access=Access(),
        small="rows=4",
        large="rows=16",
        baked=Baked(empty={"shop.Import": "RuntimeError: " + 20 * "only the importer "}, problems=["word " * 40]),
    )
    lines = [line for text in summary_of(draft) for line in text.splitlines()]
    assert max(map(len, lines)) <= 80
    assert "1 model without rows:" in lines


def test_pages_of_the_admin_are_told_where_they_are_most() -> None:
    """They take the time of every audit, and how to leave them out is said."""
    admin_page, page = (
        Endpoint(method="GET", path=path, route=path[1:], view=found, parameters=())
        for path, found in (("/admin/orders/order/", resolve("/admin/orders/order/").func), ("/parts/", view))
    )

    def said(*endpoints: Endpoint) -> str:
        outcomes = [Outcome(endpoint=one, attempt=cast("Any", object())) for one in endpoints]
        draft = Draft(outcomes=tuple(outcomes), access=Access(), small="a", large="b", baked=Baked())
        with mock.patch("reglab.project.drafting.summary.growing", return_value=[]):
            return " ".join(" ".join(summary_of(draft)).split())

    assert "1 of 2 are pages of Django's admin" in said(admin_page, page)
    assert 'endpoint = "/admin/*" in their place in the suite' in said(admin_page, page)
    assert "admin" not in said(admin_page, page, page)


def test_what_raises_is_told_before_what_there_is_more_of() -> None:
    """It may be a fault that users meet; pages without rows are a matter of the data."""
    endpoint = Endpoint(method="GET", path="/parts/", route="parts/", view=view, parameters=())
    groups = ["status 404", "status 404", "raises an exception"]
    outcomes = tuple(waived(endpoint, "said", group=group) for group in groups)
    draft = Draft(outcomes=outcomes, access=Access(), small="a", large="b", baked=Baked())
    assert list(draft.reasons().items()) == [("raises an exception", 1), ("status 404", 2)]


def test_the_admin_begins_before_its_first_model() -> None:
    """Below a prefix of a language, a waiver of all that begins so would leave the whole site out."""
    assert _root_of("/en/back/office/orders/order/3/change/", Order) == "/en/back/office"
