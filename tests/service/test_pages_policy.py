"""A Content-Security-Policy on every page, and a profiler without tables that takes nothing down."""

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from rest_framework.test import APIClient

from service.pages import HEADER, PagePolicy

PAGES = ["/", "/admin/login/", "/api/docs/", "/admin/nothing/"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_a_policy(client: Client, path: str) -> None:
    """No page, an error's included, may load or run what is not this server's."""
    policy = client.get(path).headers[HEADER]
    assert policy.startswith("default-src 'none'")
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.django_db
def test_the_admin_has_a_policy_once_logged_in(client: Client) -> None:
    """The pages behind the log-in have it too."""
    client.force_login(User.objects.create_superuser("admin", "admin@rows.example", "password"))
    for path in ("/admin/", "/admin/orders/order/add/"):
        response = client.get(path)
        assert (response.status_code, "default-src 'none'" in response.headers[HEADER]) == (200, True)


@pytest.mark.django_db
def test_json_has_none(api: APIClient) -> None:
    """What is no page needs no policy."""
    assert HEADER not in api.get("/api/orders/").headers


def test_a_pages_own_policy_stays() -> None:
    """A page that knows better is left alone."""

    def page(_: HttpRequest) -> HttpResponse:
        return HttpResponse("<h1>A</h1>", headers={HEADER: "default-src 'self'"})

    assert PagePolicy(page)(RequestFactory().get("/")).headers[HEADER] == "default-src 'self'"
