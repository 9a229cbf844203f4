"""Members of the tenant as callers: whom they belong to is taken from the suite's rows."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from reglab.access import colleagues as members
from reglab.access.audit import Access
from reglab.access.colleagues import colleagues, links_of
from reglab.access.credentials import Credentials
from reglab.access.matrix import Matrix
from reglab.access.recording import differences
from reglab.report.records import Remark
from service.orders.models import Customer, Order
from tests.probe.conftest import Grounds

pytestmark = pytest.mark.postgres
SECOND = ['[bindings.tenant]\nmodel = "orders.Customer"\nfilter = { name = "Bo" }']


@pytest.fixture
def second(rows: None) -> Customer:
    """Another customer, whom the suite binds."""
    return Customer.objects.create(name="Bo", email="bo@rows.example")


def test_a_member_belongs_to_the_row_that_the_suite_binds(second: Customer, ground: Grounds) -> None:
    """Not to the first of its model: scenarios ask for rows of the bound one. Where none is bound, to the first."""
    bound, unbound = ground("GET /reads-names/", shared=SECOND).file, ground("GET /reads-names/").file
    assert links_of(Order, None, bound) == {"customer": second}
    assert links_of(Order, None, unbound) == {"customer": Customer.objects.get(name="Ann")}


def test_a_member_belongs_to_what_the_suites_own_user_does(second: Customer, ground: Grounds) -> None:
    """Whose requests are measured says which tenant they are for."""
    main = Order.objects.create(customer=second)
    assert links_of(Order, main, ground("GET /reads-names/").file) == {"customer": second}


def test_users_who_belong_to_nothing_have_no_colleagues(rows: None, ground: Grounds) -> None:
    """The ordinary callers say all there is."""
    assert links_of(get_user_model(), None, ground("GET /reads-names/").file) == {}
    assert colleagues(ground("GET /reads-names/").file, Credentials()) == ([], [])


@pytest.fixture
def linked(monkeypatch: pytest.MonkeyPatch, second: Customer) -> None:
    """Users that belong to something: what it is, a user model of these tests has no field for."""
    monkeypatch.setattr(members, "links_of", lambda *_: {"customer": second})


def test_there_is_one_of_each_group_and_one_of_the_staff(linked: None, ground: Grounds) -> None:
    """None has a right of its own: what takes a group, or the staff, shows by one who is in none."""
    Group.objects.create(name="managers")
    made, refused = colleagues(ground("GET /reads-names/").file, Credentials())
    assert refused == []
    assert [one.name for one in made] == ["colleague", "colleague in managers", "colleague on the staff"]
    users: list[Any] = [one.user for one in made]
    assert [user.is_staff for user in users] == [False, False, True]
    assert not any(user.is_superuser for user in users)
    assert [list(user.groups.values_list("name", flat=True)) for user in users] == [[], ["managers"], []]


def test_members_whom_the_project_refuses_are_told(
    linked: None, ground: Grounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left out without a word, they would look as if they had been tried."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise ValueError("a user needs a badge")

    monkeypatch.setattr(members, "made_user", refuse)
    made, refused = colleagues(ground("GET /reads-names/").file, Credentials())
    assert made == []
    assert refused[0] == "colleague (ValueError: a user needs a badge)"
    found = differences(Access(refused_members=refused), Matrix(path=Path("x"), is_new=False))
    assert any("a user needs a badge" in line.text for line in found if isinstance(line, Remark))
