"""The summary of a draft is read in a terminal of eighty columns."""

from django.http import HttpRequest, HttpResponse

from reglab.project.data.baking.rows import Baked
from reglab.project.drafting.draft import Draft
from reglab.project.drafting.login import Access
from reglab.project.drafting.outcomes.outcome import waived
from reglab.project.drafting.summary import summary_of
from reglab.project.endpoints.discovery import Endpoint


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
