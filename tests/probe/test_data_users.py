"""Callers from the data: one of each role, and the users that scenarios log in as."""

from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from reglab.access.credentials import Credentials
from reglab.access.data_users import _NO_ROLES, _by_role, data_users
from reglab.config.suite import read_suite
from service.orders.models import Customer, Order

pytestmark = pytest.mark.django_db
SUITE = """\
schema_version = 1
dataset = "reglab.project.data.sample_data:build"
axes = { rows = { sizes = [2] } }

[[scenario]]
name = "mine"
request = "GET /mine/"
login = { model = "auth.User", filter = { username = "ann" } }

[[scenario]]
name = "also-mine"
request = "GET /also/"
login = { model = "auth.User", filter = { username = "ann" } }
"""


def test_who_a_scenario_logs_in_as_is_a_caller_once(tmp_path: Path) -> None:
    """What is allowed inside their organisation is asked for as them, too."""
    user = get_user_model().objects.create(username="ann")
    path = tmp_path / "suite.toml"
    path.write_text(SUITE, encoding="utf-8")
    file = read_suite(path)
    assert [(one.name, one.user) for one in data_users(file, Credentials(file))] == [("login ann", user)]


def test_each_value_of_a_choice_that_a_row_has_is_a_role() -> None:
    """The first two rows of each; a value that no row has is nobody."""
    customer = Customer.objects.create(name="Ann", email="ann@roles.example")
    statuses = ("paid", "draft", "paid", "paid")
    paid, draft, second, _ = (Order.objects.create(customer=customer, status=status) for status in statuses)
    assert list(_by_role(Order)) == [("status draft", draft), ("status paid", paid), ("status paid 2", second)]


@pytest.mark.parametrize(
    ("field", "is_role"),
    [("role", True), ("status", True), ("plan", True), ("language", False), ("time_zone", False), ("tz", False)],
)
def test_how_a_user_likes_it_is_no_role(field: str, *, is_role: bool) -> None:
    """Whoever reads in another language may do the same."""
    assert (not _NO_ROLES.search(field)) is is_role
