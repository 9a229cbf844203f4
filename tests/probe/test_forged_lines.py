"""Line breaks of a client's that come into the log as they are."""

import logging
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from reglab.access.callers import Caller
from reglab.access.lapses.forged_lines import ForgedLines
from service.orders.models import Order
from tests.probe.conftest import Grounds

pytestmark = pytest.mark.postgres
logger = logging.getLogger("shop")


def notes_search(request: HttpRequest) -> HttpResponse:
    """Write what is looked for into the log."""
    logger.warning("nothing found for %s", request.GET.get("q", ""))
    return JsonResponse({})


def notes_search_quoted(request: HttpRequest) -> HttpResponse:
    """Write it with its line breaks escaped."""
    logger.warning("nothing found for %r", request.GET.get("q", ""))
    return JsonResponse({})


def notes_outage(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Write the path into the log where the database fails."""
    try:
        Order.objects.count()
    except Exception:  # noqa: BLE001  # the tests' own outage
        logger.error("%s failed", request.path)  # noqa: TRY400
    return JsonResponse({})


urlpatterns = [
    path("notes-search/", notes_search),
    path("notes-search-quoted/", notes_search_quoted),
    path("notes-outage/", notes_outage),
    path("notes-outage/<path:rest>", notes_outage),
]


@pytest.mark.parametrize(
    ("view", "line"),
    [("notes-search", "in notes_search"), ("notes-outage", "in notes_outage"), ("notes-search-quoted", "")],
)
def test_a_line_break_in_the_log_is_told_once(ground: Grounds, settings: Any, view: str, line: str) -> None:
    """By the line that writes it, also where it is written in an outage alone; what is escaped is none."""
    settings.ROOT_URLCONF = __name__
    stand = ground(f"GET /{view}/")
    lines, holder = ForgedLines(ground=stand), Caller(name="holder")
    found = [one for _ in range(2) for one in lines.lapses("one", "GET", stand.requests(stand.scenarios[0])[0], holder)]
    assert [one.places[0].rpartition(" in ")[2] for one in found] == ([line.removeprefix("in ")] if line else [])
