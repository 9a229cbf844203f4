"""The fixtures that count work in anybody's tests."""

import pytest
from django.contrib.auth.models import User

from reglab.testing.fixtures import Work
from reglab.testing.plugin import Budget, query_budget, work

__all__ = ["query_budget", "work"]

pytestmark = pytest.mark.django_db


def test_a_kept_budget_passes(query_budget: Budget) -> None:
    """Exactly as many queries as expected pass, transaction control not counted."""
    with query_budget(1):
        list(User.objects.all())


def test_a_broken_budget_shows_every_query_with_its_line(query_budget: Budget) -> None:
    """The failure's message holds the statement, its count and the test's own line."""
    with pytest.raises(pytest.fail.Exception) as failure, query_budget(1):
        assert not any(User.objects.filter(pk=number).exists() for number in (1, 2))
    assert "expected exactly 1 queries, found 2" in str(failure.value)
    assert '2 x SELECT ? AS "a" FROM "auth_user"' in str(failure.value)
    assert "test_plugin.py:" in str(failure.value)


def test_at_most_lets_fewer_pass(query_budget: Budget) -> None:
    """A ceiling is kept by fewer queries."""
    with query_budget(at_most=2):
        list(User.objects.all())


def test_a_scenario_counts_as_in_the_audit(work: Work) -> None:
    """A scenario of the suite is executed on its dataset and counted: cancel reads one row and updates it."""
    with work.scenario("cancel-order") as counted:
        assert counted["queries"] == 2
        assert counted["rows_changed", "orders_order update"] == 1
        assert counted["rows_changed"] == 1


def test_a_scenario_leaves_nothing_behind(work: Work) -> None:
    """The dataset is rolled back with the scenario."""
    from service.orders.models import Order

    with work.scenario("cancel-order"):
        pass
    assert not Order.objects.exists()


def test_growth_is_zero_for_a_constant_counter(work: Work) -> None:
    """The list's queries do not depend on how many orders there are."""
    assert work.growth("list-orders", "queries", axis="orders") == 0


def test_a_request_outside_its_write_set_fails(work: Work) -> None:
    """A request of a test's own that writes what it did not declare fails and names the table."""
    body = {"name": "New", "email": "new@example.test"}
    with (
        pytest.raises(AssertionError, match="orders_customer insert 1 row"),
        work.request("POST /api/customers/", body=body, status=201),
    ):
        pass
