"""/healthz/: live without a database, ready only with one."""

import pytest
from django.db import OperationalError, connection
from rest_framework.test import APIClient


def test_live_touches_no_database(api: APIClient) -> None:
    """Without access to a database, which this test has not, live is 200."""
    response = api.get("/healthz/live")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_ready_with_a_database(api: APIClient) -> None:
    """With a database that answers, ready is 200 and never cached."""
    response = api.get("/healthz/ready")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_not_ready_without_its_database(api: APIClient) -> None:
    """With a database that refuses, ready is a 503 in JSON that tells no secrets."""

    def refuse(*_: object) -> None:
        raise OperationalError("password authentication failed for user joe")

    with connection.execute_wrapper(refuse):
        response = api.get("/healthz/ready")
    assert (response.status_code, response.json()["status"]) == (503, "unavailable")
    assert "joe" not in response.content.decode()
