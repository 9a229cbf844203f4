"""A page with nothing but what every page shows measures nothing of its own."""

from collections.abc import Collection
from dataclasses import replace

import pytest
from django.http import HttpRequest, HttpResponse

from reglab.project.drafting.outcomes.outcome import NO_ROWS, Attempt, Outcome, outcome_of
from reglab.project.drafting.outcomes.page_frames import PAGES_MIN, without_page_frames
from reglab.project.drafting.probe import Seen, SeenWrite
from reglab.project.endpoints.discovery import Endpoint

WRITE = SeenWrite(table="shop_part", verb="insert", rows=1)
MENU = 'SELECT "menu"."id" FROM "menu"'


def shared_view(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def page(
    name: str, *statements: str, kind: str = "text/html; charset=utf-8", method: str = "GET", shared: bool = False
) -> Outcome:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    endpoint = Endpoint(method=method, path=f"/{name}/", route=f"{name}/", view=shared_view if shared else view)
    seen = Seen(status=200, rows=len(statements), statements=frozenset(statements), content_type=kind)
    return outcome_of(endpoint, [Attempt(request=f"{method} /{name}/", seen=seen)])


def waived(outcomes: Collection[Outcome]) -> list[str]:
    return [one.endpoint.path for one in without_page_frames(list(outcomes)) if not one.is_measured]


def pages(count: int) -> list[Outcome]:
    return [page(f"p{number}", MENU, f"SELECT {number}") for number in range(count)]


def test_a_page_with_nothing_but_the_menu_is_waived() -> None:
    """The cart of a new session shows the menu of every page: its own rows are none."""
    found = [*pages(PAGES_MIN), page("cart", MENU)]
    assert waived(found) == ["/cart/"]
    (cart,) = [one for one in without_page_frames(found) if not one.is_measured]
    assert (cart.group, cart.reason[:4]) == (NO_ROWS, "200:")


@pytest.mark.parametrize(
    "other", [page("api", MENU, kind="application/json"), page("one", "SELECT 1"), page("both", MENU, "SELECT x")]
)
def test_what_has_rows_of_its_own_or_is_no_page_is_measured(other: Outcome) -> None:
    """A document of JSON has no menu; one statement more is content."""
    assert waived([*pages(PAGES_MIN), other]) == []


def test_of_few_pages_none_is_a_frame() -> None:
    """Two pages that show the same may be two pages about it."""
    assert waived([*pages(PAGES_MIN - 2), page("cart", MENU)]) == []


def test_what_a_minority_of_pages_shows_is_content() -> None:
    """Four of eleven pages list the same rows: each is about them."""
    about = [page(f"a{number}", MENU) for number in range(4)]
    assert waived([*about, *(page(f"p{number}", f"SELECT {number}") for number in range(7))]) == []


def test_an_answer_with_nothing_but_what_every_answer_reads_is_waived() -> None:
    """A middleware reads the caller's organisation each time; a report that is empty shows it and nothing else."""
    lists = [page(f"l{number}", MENU, f"SELECT {number}", kind="application/json") for number in range(PAGES_MIN)]
    assert waived([*lists, page("report", MENU, kind="application/json")]) == ["/report/"]


def test_the_row_that_most_endpoints_are_below_is_content_of_its_own_endpoint() -> None:
    """Four of six ask for a course first; the one that shows it asks for nothing else."""
    course, kind = 'SELECT "course"."id" FROM "course" WHERE "course"."id" = %s', "application/json"
    below = [page(f"b{number}", course, f"SELECT {number}", kind=kind) for number in range(4)]
    assert waived([page("course", course, kind=kind), page("courses", "SELECT c", kind=kind), *below]) == []


def test_a_write_that_does_nothing_but_what_every_answer_does_is_waived() -> None:
    """An import of a file without rows writes nothing, and reads the caller's organisation as every request does."""
    lists = [page(f"l{number}", MENU, f"SELECT {number}", kind="application/json") for number in range(PAGES_MIN)]
    idle = page("import", MENU, kind="application/json", method="POST")
    busy = replace(page("make", MENU, kind="application/json", method="POST"), writes=(WRITE,))
    assert waived([*lists, idle, busy]) == ["/import/"]


def test_the_rows_of_one_view_below_many_paths_are_content() -> None:
    """A list that eight paths lead to is one page, however many of the project's paths are its own."""
    paths = [page(f"parts{number}", MENU, shared=True) for number in range(PAGES_MIN + 3)]
    assert waived([*paths, page("other", "SELECT 1")]) == []


def test_what_every_answer_reads_and_none_reads_more_is_content() -> None:
    """Five pages about the rows of a project's only model: a frame without a page would leave nothing to measure."""
    assert waived([page(f"p{number}", MENU) for number in range(PAGES_MIN)]) == []
