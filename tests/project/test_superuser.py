"""A superuser whom the audit adds is let into the admin by the header alone."""

import pytest
from django.test import Client

from reglab.project.data.superuser import add_superuser, superuser_cookie


@pytest.mark.django_db
def test_the_cookie_lets_into_the_admin() -> None:
    """The session is there under a key that every process knows beforehand."""
    add_superuser()
    answer = Client().get("/admin/orders/order/", headers={"Cookie": superuser_cookie()})
    assert answer.status_code == 200
