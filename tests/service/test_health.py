"""/healthz/: answered first, by any address; live without a database, ready only with one, and soon."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from rest_framework.test import APIClient

from service import health


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


def _connecting(monkeypatch: pytest.MonkeyPatch, connect: Callable[[BaseDatabaseWrapper], None]) -> None:
    monkeypatch.setattr(BaseDatabaseWrapper, "ensure_connection", connect)


@pytest.mark.django_db
def test_not_ready_without_its_database(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a database that refuses, ready is a 503 in JSON that tells no secrets."""

    def refuse(_: BaseDatabaseWrapper) -> None:
        raise OperationalError("password authentication failed for user joe")

    _connecting(monkeypatch, refuse)
    response = api.get("/healthz/ready")
    assert (response.status_code, response.json()["status"]) == (503, "unavailable")
    assert "joe" not in response.content.decode()


@pytest.mark.django_db
def test_ready_waits_for_no_stuck_database(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a database that never answers, ready is a 503 after its time, for every asker, and 200 again afterwards."""
    answers = threading.Event()

    def hang(_: BaseDatabaseWrapper) -> None:
        answers.wait(60)
        raise OperationalError("too late")

    monkeypatch.setattr(health, "ANSWER_S", 0.05)
    with monkeypatch.context() as patch:
        _connecting(patch, hang)
        assert [api.get("/healthz/ready").status_code for _ in range(2)] == [503, 503]
        answers.set()
    monkeypatch.undo()
    deadline = time.monotonic() + 30
    while api.get("/healthz/ready").status_code != 200:
        assert time.monotonic() < deadline


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["10.0.0.7", "10.0.0.7:8000", "evil.example", "[::1]:99999999", ""])
@pytest.mark.parametrize("path", ["/healthz/live", "/healthz/ready"])
def test_any_host_may_ask(api: APIClient, path: str, host: str) -> None:
    """A load balancer asks by address: the Host header does not matter here, and only here."""
    assert api.get(path, headers={"host": host}).status_code == 200
    assert api.get("/api/orders/", headers={"host": host or "evil.example"}).status_code == 400


@pytest.mark.parametrize("path", ["/healthz/live", "/healthz/ready"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_another_method_is_refused_in_json(api: APIClient, method: str, path: str) -> None:
    """A method that changes something is a 405 in JSON, from any host."""
    response: Any = api.generic(method, path, headers={"host": "10.0.0.7"})
    assert (response.status_code, response.json()) == (405, {"detail": "Method not allowed."})
    assert response.headers["Allow"] == "GET, HEAD"
