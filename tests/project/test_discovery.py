"""Every endpoint of the orders service is found, each under one name."""

from reglab.project.endpoints.discovery import Endpoints


def test_every_endpoint_and_method_of_the_orders_is_found() -> None:
    """View sets, extra actions, function views and the dev endpoint."""
    names = {endpoint.name for endpoint in Endpoints().all}
    assert {
        "GET /api/orders/",
        "POST /api/orders/",
        "PATCH /api/orders/{pk}/",
        "POST /api/orders/{pk}/cancel/",
        "GET /api/orders/summary/",
        "GET /api/customers/{pk}/orders/",
        "POST /api/dev/seed/",
        "GET /healthz/live",
        "GET /admin/login/",
    } <= names


def test_a_method_that_a_view_refuses_is_no_endpoint() -> None:
    """The summary is read, not written."""
    assert "POST /api/orders/summary/" not in {endpoint.name for endpoint in Endpoints().all}


def test_a_url_leads_to_its_endpoint() -> None:
    """A request's path is the endpoint's, whatever its parameters and query."""
    assert Endpoints().path_of("/api/orders/7/cancel/?x=1") == "/api/orders/{pk}/cancel/"


def test_an_unknown_url_leads_nowhere() -> None:
    """What no pattern matches has no endpoint."""
    assert Endpoints().path_of("/api/ordres/") is None
