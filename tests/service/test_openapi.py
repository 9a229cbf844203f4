"""The OpenAPI schema: valid, without warnings, and as exact as the serializers; and the page that shows it."""

import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from service.orders import limits

ROOT = Path(__file__).resolve().parents[2]
# A thread gives way after every few instructions, so that whatever can happen between two of them does.
ASK_AT_ONCE = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
os.environ |= {"SERVICE_ENVIRONMENT": "test", "DATABASE_URL": "sqlite:///:memory:"}
os.environ["DJANGO_SETTINGS_MODULE"] = "service.settings"
import django
django.setup()
from django.test import Client
threads = 8
start = Barrier(threads)
def ask(_):
    client = Client(raise_request_exception=False)
    start.wait()
    answer = client.get("/api/schema/")
    return answer.status_code, answer.content
sys.setswitchinterval(1e-6)
with ThreadPoolExecutor(threads) as pool:
    answers = list(pool.map(ask, range(threads)))
print({status for status, _ in answers}, len({content for _, content in answers}))
"""


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The schema as a dictionary."""
    generated: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return generated


def test_the_schema_is_valid() -> None:
    """It validates against OpenAPI's own schema, and nothing had to be guessed."""
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())


def test_the_schema_is_served(api: APIClient) -> None:
    """It is there for every client that asks, as YAML and as JSON."""
    assert api.get("/api/schema/").content.startswith(b"openapi: 3.")
    body = api.get("/api/schema/", headers={"accept": "application/vnd.oai.openapi+json"}).json()
    assert body["info"]["title"] == "Orders"


def test_threads_that_ask_first_at_once_all_get_it() -> None:
    """In a process that has made no schema yet, eight threads that ask for it in the same moment get the same one."""
    done = subprocess.run([sys.executable, "-c", ASK_AT_ONCE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["{200}", "1"]


def test_the_docs_use_no_other_host(api: APIClient) -> None:
    """The page with the docs loads everything from this server."""
    content = api.get("/api/docs/").content.decode()
    assert "swagger-ui" in content
    assert "https://" not in content
    assert "<script>" not in content


def test_every_object_is_closed(schema: dict[str, Any]) -> None:
    """No body has unknown fields, but for the one that names the culprits."""
    schemas = schema["components"]["schemas"]
    open_ones = {
        name
        for name, item in schemas.items()
        if item.get("type") == "object" and item.get("additionalProperties") is not False
    }
    assert open_ones == {"Invalid"}


def test_limits_are_in_the_schema(schema: dict[str, Any]) -> None:
    """What the service refuses, the schema forbids."""
    schemas = schema["components"]["schemas"]
    assert schemas["OrderCreateRequest"]["properties"]["items"]["maxItems"] == limits.MAX_ITEMS_PER_REQUEST
    assert schemas["OrderItemRequest"]["properties"]["quantity"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": limits.MAX_QUANTITY,
    }
    (limit,) = schema["paths"]["/api/orders/summary/"]["get"]["parameters"]
    assert (limit["schema"]["minimum"], limit["schema"]["maximum"]) == (1, limits.MAX_SUMMARY_LIMIT)


@pytest.mark.parametrize(
    ("path", "method", "statuses"),
    [
        ("/api/customers/", "post", {"201", "400", "409", "413", "415", "503"}),
        ("/api/customers/{id}/", "delete", {"204", "400", "404", "409", "503"}),
        ("/api/orders/", "get", {"200", "400", "404", "503"}),
        ("/api/orders/summary/", "get", {"200", "400", "503"}),
        ("/api/orders/{id}/cancel/", "post", {"200", "400", "404", "503"}),
        ("/api/dev/seed/", "post", {"201", "400", "413", "415", "503"}),
    ],
)
def test_every_answer_is_in_the_schema(schema: dict[str, Any], path: str, method: str, statuses: set[str]) -> None:
    """An operation lists each status that it can answer with."""
    assert set(schema["paths"][path][method]["responses"]) == statuses
