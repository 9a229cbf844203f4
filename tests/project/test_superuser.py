"""A superuser whom the audit adds is let into the admin by the header alone."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from reglab.project.data.superuser import add_superuser, keys_of_callers, superuser_cookie


@pytest.mark.django_db
def test_the_cookie_lets_into_the_admin() -> None:
    """The session is there under a key that every process knows beforehand."""
    add_superuser()
    answer = Client().get("/admin/orders/order/", headers={"Cookie": superuser_cookie()})
    assert answer.status_code == 200


@pytest.mark.django_db
def test_who_asks_is_known_by_the_cookies(client: Client) -> None:
    """The user of the session and every superuser ask; another user does not."""
    users = get_user_model().objects
    asking, other, boss = users.create(username="a"), users.create(username="b"), users.create_superuser(username="c")
    client.force_login(asking)
    found = keys_of_callers(client.cookies)
    assert {asking.pk, boss.pk} <= set(found)
    assert other.pk not in found


class Watching:
    """A backend that counts failures, and knows no users."""


@pytest.mark.django_db
def test_a_backend_that_knows_no_users_has_no_session(settings: Any) -> None:
    """One that only watches who fails stands first, as its documentation says: the session is the next one's."""
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.Watching", "django.contrib.auth.backends.ModelBackend"]
    add_superuser()
    answer = Client().get("/admin/orders/order/", headers={"Cookie": superuser_cookie()})
    assert answer.status_code == 200
