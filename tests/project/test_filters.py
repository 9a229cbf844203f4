"""Filters of lists: kept where they change what is asked of the database, with a value of a row's."""

from typing import Any, cast

import pytest
from django.http import QueryDict

from reglab.project.drafting.outcomes.outcome import Attempt, Outcome
from reglab.project.drafting.probe import Seen
from reglab.project.drafting.queries.filters import filtered_lists
from reglab.project.drafting.suite_text import scenario_names
from reglab.project.drafting.trier import Trier, Try
from reglab.project.endpoints.discovery import Endpoint
from service.orders.models import Customer

pytestmark = pytest.mark.django_db
ASKED = ("email", "q", "page", "colour", "Name_contains")


class Shop:
    """A trier of one list: it filters by an address and by a text, and reads a colour in vain."""

    def again(self, attempt: Attempt) -> Attempt:
        """Ask the query for what the view asks it for."""
        for name in ASKED:
            QueryDict("").get(name)
        return attempt

    def attempt(self, one: Try) -> Attempt:
        """Answer; a filter that is heard is part of the statement."""
        heard = [name for name in ("email", "q", "Name_contains") if f"{name}=" in one.request]
        seen = Seen(status=200, rows=1, statements=frozenset({f"SELECT {heard}"}), content_type="text/html")
        return Attempt(request=one.request, seen=seen, bindings=dict(one.bindings))


def listed(path: str = "/customers/", *, method: str = "GET") -> Outcome:
    """Return the outcome of a list that is measured."""
    endpoint = Endpoint(method=method, path=path, route=path.lstrip("/"), view=lambda request: request)
    seen = Seen(status=200, rows=2, statements=frozenset({"SELECT []"}), content_type="text/html")
    return Outcome(endpoint=endpoint, attempt=Attempt(request=f"{method} {path}", seen=seen))


def filters(outcome: Outcome) -> list[Outcome]:
    """Return the filters that are kept beside one outcome."""
    return filtered_lists(cast("Trier", Shop()), [outcome])


def test_a_filter_that_is_heard_is_kept_with_a_value_of_a_row() -> None:
    """A field's own value, and a text for what is no field; a page and a parameter without effect are left out."""
    Customer.objects.create(name="Ann", email="ann@rows.example")
    found = filters(listed())
    requests: list[Any] = [one.attempt.request for one in found if one.attempt]
    assert requests == [
        "GET /customers/?email={customer_email}",
        "GET /customers/?q={customer_name}",
        "GET /customers/?Name_contains={customer_name}",
    ]
    assert list(scenario_names([listed(), *found]))[:2] == ["get-customers", "get-customers-by-email"]


@pytest.mark.parametrize("outcome", [listed("/customers/{pk}/"), listed(method="POST")])
def test_one_row_and_what_writes_have_no_filters(outcome: Outcome) -> None:
    """A page of one row filters nothing that anybody asks for."""
    Customer.objects.create(name="Ann", email="ann@rows.example")
    assert not filters(outcome)
