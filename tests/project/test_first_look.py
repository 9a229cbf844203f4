"""A draft tells what is sent more often on more rows, with its line, before the audit that decides."""

import sys

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse

from reglab.project.drafting.outcomes.first_look import growing, told
from reglab.project.drafting.outcomes.outcome import Attempt, Outcome
from reglab.project.drafting.probe import Seen
from reglab.project.drafting.rows_seen import RowsSeen
from reglab.project.endpoints.discovery import Endpoint
from reglab.project.test_environment import project_frames
from service.orders.models import Customer

pytestmark = pytest.mark.django_db
ONE = 'SELECT "shop_author"."id", "shop_author"."name" FROM "shop_author" WHERE "shop_author"."id" = %s'


def view(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def outcome(path: str, fewer: int, more: int) -> Outcome:
    """Return what became of a list that sends a statement so many times on few rows and on more."""
    endpoint = Endpoint(method="GET", path=path, route=path.lstrip("/"), view=view)
    marks = project_frames().capture(sys._getframe(), 1)  # the documented way to a frame
    large = Seen(status=200, rows=1, sent={ONE: more}, repeated_at={ONE: marks})
    small = Seen(status=200, rows=1, sent={ONE: fewer})
    return Outcome(endpoint=endpoint, attempt=Attempt(request=f"GET {path}", seen=small), on_more_rows=large)


def test_what_grows_is_told_once_with_its_line() -> None:
    """Two lists that send it from one line are one entry, with the larger of both counts."""
    found = growing([outcome("/books/", 4, 16), outcome("/authors/", 4, 12)], frames=project_frames())
    text = " ".join(" ".join(told(found, small="rows=4", large="rows=16")).split())
    assert '4, then 16 × SELECT … FROM "shop_author" WHERE "shop_author"."id" = ?' in text
    assert "test_first_look.py" in text
    assert "in GET /books/ and 1 more" in text


def test_what_is_sent_as_often_is_not_told() -> None:
    """Nor is what is sent twice more: a row of another kind may do that."""
    found = growing([outcome("/books/", 4, 4), outcome("/pens/", 4, 6)], frames=project_frames())
    assert not list(told(found, small="rows=4", large="rows=16"))


def test_statements_are_counted_where_rows_are() -> None:
    """By their text; the second one's line is kept."""
    with RowsSeen(is_logged_in=False, frames=project_frames()) as seen:
        for number in range(3):
            Customer.objects.filter(pk=number).first()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    assert sorted(seen.sent.values()) == [1, 3]
    (marks,) = seen.repeated_at.values()
    assert "test_first_look.py" in project_frames().words(marks)[0]
