"""Parameters that code asks for: the project's are tried, Django's own of the admin are not."""

from reglab.project.requests.test_client import Request
from reglab.variants.requests import unsent_filters

ASKED = Request(method="GET", path="/books/", body=b"", content_type="", headers={}, expected_status=200)


def test_parameters_of_the_admins_own_are_left_out() -> None:
    """`?_facets=` repeats a statement for each filter of the page, which is no growth with rows."""
    kinds = list(unsent_filters((ASKED,), ("q", "_facets", "_popup"), ()))
    assert {kind.told for kind in kinds} == {"asked for with ?q="}
