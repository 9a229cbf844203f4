"""The fixtures that count work in anybody's tests."""

import asyncio
import threading

import pytest
from django.contrib.auth.models import User
from django.test import TestCase

from reglab.errors import AuditError
from reglab.testing.budget import BudgetExceededError, QueryBudgetMixin
from reglab.testing.plugin import Budget
from reglab.testing.work import Work

pytestmark = pytest.mark.django_db


def test_a_kept_budget_passes(query_budget: Budget) -> None:
    """Exactly as many queries as expected pass, transaction control not counted."""
    with query_budget(1):
        list(User.objects.all())


def test_a_broken_budget_shows_every_query_with_its_line(query_budget: Budget) -> None:
    """The failure's message holds the statement, its count and the test's own line."""
    with pytest.raises(BudgetExceededError) as failure, query_budget(1, info="the list"):
        assert not any(User.objects.filter(pk=number).exists() for number in (1, 2))
    assert "the list: expected exactly 1 queries, found 2" in str(failure.value)
    assert '2 x SELECT ? AS "a" FROM "auth_user"' in str(failure.value)
    assert "test_plugin.py:" in str(failure.value)


def test_at_most_lets_fewer_pass(query_budget: Budget) -> None:
    """A ceiling is kept by fewer queries."""
    with query_budget(at_most=2) as counter:
        list(User.objects.all())
    assert [execution.alias for execution in counter.executions] == ["default"]


@pytest.mark.parametrize(
    "budget", [{}, {"exactly": 1, "at_most": 1}, {"exactly": -1}, {"exactly": "3"}, {"at_most": True}]
)
def test_a_budget_that_is_none_is_refused(query_budget: Budget, budget: dict[str, object]) -> None:
    """No number, two numbers, or something that is no number of queries: an error that says how to ask."""
    with pytest.raises(TypeError, match="budget"), query_budget(**budget):
        pass


def test_an_unknown_alias_is_refused_with_the_nearest(query_budget: Budget) -> None:
    """A misspelt alias never counts 0."""
    with pytest.raises(TypeError, match="did you mean 'default'"), query_budget(0, using="defualt"):
        pass


def test_statements_of_another_thread_are_refused(query_budget: Budget) -> None:
    """A block whose statements another thread sends is not within a budget of 0: it fails, and names the statement."""

    def ask() -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT 42")
        connection.close()

    def let_a_stranger_ask() -> None:
        thread = threading.Thread(target=ask, name="stranger")
        thread.start()
        thread.join()

    with pytest.raises(BudgetExceededError, match="SELECT 42"), query_budget(0):
        let_a_stranger_ask()


@pytest.mark.query_budget(1)
def test_a_marker_is_a_budget_of_the_body() -> None:
    """The marker counts what the test's own body sends."""
    assert User.objects.count() == 0


class BudgetOfACase(QueryBudgetMixin, TestCase):
    """Django's own test case with the mix-in."""

    def test_a_method_has_a_budget(self) -> None:
        """The assertion of the mix-in passes and fails as the fixture does."""
        with self.assertQueryBudget(1):
            list(User.objects.all())
        with pytest.raises(BudgetExceededError), self.assertQueryBudget(at_most=0):
            list(User.objects.all())


def test_a_scenario_counts_as_in_the_audit(work: Work) -> None:
    """A scenario of the suite is executed on its dataset and counted: cancel reads one row and updates it."""
    with work.scenario("cancel-order") as counted:
        assert counted["queries"] == 2
        assert counted["rows_changed", "orders_order update"] == 1
        assert counted["rows_changed"] == 1
        assert counted["rows_changed", "orders_order delete"] == 0


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("querys", "did you mean 'queries'"),
        (("rows_chnged", "orders_order update"), "did you mean 'rows_changed'"),
        (("rows_changed", "orders_ordr update"), "did you mean 'orders_order'"),
        (("rows_changed", "orders_order updated"), "is none of insert, update, delete"),
        (("queries", "orders_order"), "has no parts"),
        (("answer", "statuss"), "did you mean 'status'"),
    ],
)
def test_a_misspelt_count_is_an_error_never_0(work: Work, key: str | tuple[str, str], hint: str) -> None:
    """Counter, part, table, verb and field are refused with the nearest name."""
    with work.scenario("cancel-order") as counted, pytest.raises(KeyError, match=hint):
        counted[key]


def test_evidence_of_a_misspelt_counter_is_an_error(work: Work) -> None:
    """Evidence of what nobody counts is no empty list."""
    with work.scenario("cancel-order") as counted, pytest.raises(KeyError, match="did you mean 'queries'"):
        counted.evidence("querys")


@pytest.mark.parametrize(
    ("name", "sizes", "hint"),
    [
        ("cancel-ordr", {}, "did you mean 'cancel-order'"),
        ("cancel-order", {"order": 3}, "did you mean 'orders'"),
        ("cancel-order", {"orders": -1}, "0 or more"),
        ("cancel-order", {"orders": "5"}, "0 or more"),
    ],
)
def test_a_misspelt_scenario_axis_or_size_is_an_error(work: Work, name: str, sizes: dict[str, int], hint: str) -> None:
    """What the suite does not have is refused with the nearest name."""
    with pytest.raises(AuditError, match=hint), work.scenario(name, **sizes):
        pass


def test_growth_along_an_unknown_axis_is_an_error(work: Work) -> None:
    """A growth law is asked along an axis of the suite."""
    with pytest.raises(AuditError, match="no axis is called"):
        work.growth("cancel-order", "queries", axis="ordres")


def test_the_fixture_in_a_coroutine_is_refused_in_a_sentence(work: Work) -> None:
    """In async code Django sends statements from other threads: the engine says so and does not count 0."""

    async def counts() -> None:
        Work(work._file)

    with pytest.raises(AuditError, match="async_to_sync"):
        asyncio.run(counts())
