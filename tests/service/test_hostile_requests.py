"""Every endpoint meets query strings, ids, methods, paths and headers that it does not know: a 4xx in JSON."""

import json
import re
from typing import Any

import pytest
from rest_framework.schemas.generators import EndpointEnumerator
from rest_framework.test import APIClient

from service.orders.models import Customer, Order, OrderItem
from tests.service.endpoints import ENDPOINTS, INT64_PLUS_1, Sender, names, on_all

pytestmark = pytest.mark.django_db

WITH_ID = [endpoint for endpoint in ENDPOINTS if "{" in endpoint[1]]


def test_every_endpoint_of_the_api_is_here() -> None:
    """An endpoint that is missing from these tests fails this one; the schema and its page take no input."""

    def shape(path: str) -> str:
        return re.sub(r"[{<][^}>]*[}>]", "{}", path)

    found = {(method, shape(path)) for path, method, _ in EndpointEnumerator().get_api_endpoints()}
    missing = found - {(method, shape(path)) for method, path, _ in ENDPOINTS}
    assert missing == {("GET", "/api/schema/"), ("GET", "/api/docs/")}


UNKNOWN_QUERIES = ["colour=red", "%00=1", "page=1&colour=1", "a" * 3_000, "%ED%A0%80=1", "[]=1"]


@on_all
def test_an_unknown_query_parameter_is_refused(
    *, sender: Sender, subtests: pytest.Subtests, method: str, path: str, body: Any
) -> None:
    """On every endpoint an unknown parameter is a 400 that names it, and nothing is done."""
    content = "" if body is None else json.dumps(sender.filled(body))
    before = (Customer.objects.count(), Order.objects.count(), OrderItem.objects.count())
    for query in UNKNOWN_QUERIES:
        with subtests.test(ascii(query[:20])):
            assert sender.send(method, f"{path}?{query}", content).status_code == 400
            assert "Unknown query parameter." in json.dumps(sender.refused(method, f"{path}?{query}", content))
    assert (Customer.objects.count(), Order.objects.count(), OrderItem.objects.count()) == before


UNKNOWN_IDS = [
    *("0", "12345", str(2**31), str(INT64_PLUS_1), "9" * 5_000),
    *("-1", "abc", "1.0", "%00", "1%00", "%ED%A0%80", "²", "' OR 1"),
]


@pytest.mark.parametrize(("method", "path", "body"), WITH_ID, ids=names(WITH_ID))
def test_an_unknown_id_is_not_found(
    *, sender: Sender, subtests: pytest.Subtests, method: str, path: str, body: Any
) -> None:
    """An id that is not there, or is no id at all, is a 404 in JSON."""
    content = "" if body is None else json.dumps(sender.filled(body))
    for key in UNKNOWN_IDS:
        place = re.sub("{.*}", key, path)
        with subtests.test(ascii(key[:20])):
            assert sender.send(method, place, content).status_code == 404
            assert list(sender.refused(method, place, content)) == ["detail"]


ALL_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "NONSENSE"]
PATHS = sorted({path for _, path, _ in ENDPOINTS})


@pytest.mark.parametrize("path", [*PATHS, "/healthz/live", "/healthz/ready"])
def test_another_method_is_not_allowed(sender: Sender, path: str) -> None:
    """A method that an endpoint does not have is a 405 in JSON that lists those that it has."""
    known = {method for method, known_path, _ in ENDPOINTS if known_path == path} or {"GET"}
    for method in set(ALL_METHODS) - known:
        response = sender.send(method, path, "")
        assert response.status_code == 405, (method, response.content)
        assert known <= set(response.headers["Allow"].split(", "))
        assert list(sender.refused(method, path, "")) == ["detail"]


@pytest.mark.parametrize(
    "path", ["/api/", "/api/nothing/", "/api/orders", "/api/orders/1", "/api/%00/", "/api//", "/healthz/"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_not_found(sender: Sender, method: str, path: str) -> None:
    """A path under the API that is not there is a 404 in JSON."""
    assert sender.send(method, path, "").status_code == 404
    assert list(sender.refused(method, path, "")) == ["detail"]


def test_an_unknown_host_is_refused(api: APIClient) -> None:
    """A Host header that is not ours is a 400 in JSON."""
    response = api.get("/api/orders/", headers={"host": "evil.example"})
    assert (response.status_code, response.json()) == (400, {"detail": "Bad request."})


@pytest.mark.parametrize("port", ["65536", "99999999", "9" * 400])
def test_a_port_that_cannot_be_is_refused(api: APIClient, port: str) -> None:
    """A Host header with an absurd port is a 400 in JSON: the links of a list would carry it on."""
    response = api.get("/api/orders/", headers={"host": f"localhost:{port}"})
    assert (response.status_code, response.json()) == (400, {"detail": "Bad request."})
    assert api.get("/api/orders/", headers={"host": "localhost:65535"}).status_code == 200


def test_a_service_under_a_path_answers_in_json_too(api: APIClient) -> None:
    """Mounted under a prefix, errors of the API are JSON, health is health, and links keep the prefix."""
    mounted = {"SCRIPT_NAME": "/shop"}
    assert api.get("/api/nothing/", **mounted).headers["Content-Type"] == "application/json"  # type: ignore[arg-type]
    assert api.get("/healthz/live", **mounted).status_code == 200  # type: ignore[arg-type]


@pytest.mark.parametrize("header", ["x-http-method-override", "x-method-override", "x-http-method"])
def test_a_header_changes_no_method(sender: Sender, header: str) -> None:
    """A GET that asks to be taken for a DELETE stays a GET."""
    order = sender.ids["order"]
    assert sender.api.get(f"/api/orders/{order}/", headers={header: "DELETE"}).status_code == 200
    assert sender.api.post(f"/api/orders/{order}/?_method=DELETE").status_code == 405
    assert Order.objects.filter(pk=order).exists()


def test_an_unknown_accept_header_is_refused(api: APIClient) -> None:
    """A client that takes no JSON gets a 406, in JSON."""
    response = api.get("/api/orders/", headers={"accept": "text/html"})
    assert (response.status_code, list(json.loads(response.content))) == (406, ["detail"])
