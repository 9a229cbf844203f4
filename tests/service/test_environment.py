"""Secure by default: what the service does in each environment, in processes of their own."""

import json

import pytest

from tests.service.environments import CLOSED, MEMORY, answers, python, shown


@pytest.mark.parametrize("environment", ["staging", "production", None])
@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_it_refuses_to_start_without_what_it_needs(environment: str | None, missing: str) -> None:
    """Outside development, and by default, a missing key or host is one sentence that names the variable."""
    variables = {name: value for name, value in CLOSED.items() if name != missing}
    done = python("-m", "django", "check", **variables, **({"SERVICE_ENVIRONMENT": environment} if environment else {}))
    assert done.returncode != 0
    assert f"ImproperlyConfigured: {missing} is not set: the {environment or 'production'} environment" in done.stderr


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"SERVICE_ENVIRONMENT": "test"}, "DATABASE_URL is not set"),
        ({"SERVICE_ENVIRONMENT": "test", "DATABASE_URL": "nonsense://x"}, "DATABASE_URL cannot be read"),
        ({"SERVICE_ENVIRONMENT": "dev", **MEMORY}, "SERVICE_ENVIRONMENT must be one of development, test, staging"),
    ],
)
def test_a_mistake_in_the_environment_is_one_clear_sentence(variables: dict[str, str], message: str) -> None:
    """A missing or unreadable variable is named."""
    done = python("-m", "django", "check", **variables)
    assert done.returncode != 0
    assert f"ImproperlyConfigured: {message}" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("environment", ["development", "test"])
def test_an_open_environment_needs_nothing_but_a_database(environment: str) -> None:
    """On a developer's machine and in tests there is no token, no TLS and no key to set."""
    found = answers(
        [
            ("list", "GET", "/api/orders/", {"scheme": "http", "host": "localhost"}),
            ("seed", "POST", "/api/dev/seed/", {"scheme": "http", "host": "localhost"}),
            ("silk", "GET", "/silk/", {"scheme": "http", "host": "localhost"}),
            ("stranger", "GET", "/api/orders/", {"scheme": "http", "host": "evil.example"}),
        ],
        SERVICE_ENVIRONMENT=environment,
        **MEMORY,
    )
    assert {name: status for name, (status, _) in found.items()} == {
        "list": 200,
        "seed": 201,
        "silk": 404,
        "stranger": 400,
    }
    assert shown("DEBUG", SERVICE_ENVIRONMENT=environment, **MEMORY) == {"DEBUG": environment == "development"}


API = [
    ("nobody", "GET", "/api/orders/", {}),
    ("a wrong token", "GET", "/api/orders/", {"authorization": "Token 1234"}),
    ("a token", "GET", "/api/orders/", {"authorization": "Token TOKEN"}),
    ("nobody, a write", "POST", "/api/orders/1/cancel/", {}),
    ("nobody, the summary", "GET", "/api/orders/summary/", {}),
    ("nobody, the schema", "GET", "/api/schema/", {}),
    ("a token, the schema", "GET", "/api/schema/", {"authorization": "Token TOKEN"}),
    ("staff, the docs", "GET", "/api/docs/", {"login": "yes"}),
    ("nobody, the docs", "GET", "/api/docs/", {}),
    ("seed", "POST", "/api/dev/seed/", {"authorization": "Token TOKEN"}),
    ("silk", "GET", "/silk/", {"login": "yes"}),
    ("page", "GET", "/", {}),
    ("file", "GET", "/static/web/page.js", {}),
    ("live", "GET", "/healthz/live", {}),
    ("ready", "GET", "/healthz/ready", {}),
    ("live without TLS", "GET", "/healthz/live", {"scheme": "http"}),
    ("no TLS", "GET", "/api/orders/", {"scheme": "http"}),
    ("another host", "GET", "/api/orders/", {"host": "evil.example"}),
]
SECURE = {
    "nobody": 401,
    "a wrong token": 401,
    "a token": 200,
    "nobody, a write": 401,
    "nobody, the summary": 401,
    "nobody, the schema": 401,
    "a token, the schema": 200,
    "staff, the docs": 200,
    "nobody, the docs": 401,
    "seed": 404,
    "silk": 404,
    "page": 200,
    "file": 200,
    "live": 200,
    "ready": 200,
    "live without TLS": 200,
    "no TLS": 301,
    "another host": 400,
}


@pytest.mark.parametrize(
    ("variables", "differences"),
    [
        pytest.param({}, {}, id="by default"),
        pytest.param({"SERVICE_ENVIRONMENT": "production", "DEV_ENDPOINTS": "1", "SILK": "1"}, {}, id="production"),
        pytest.param({"SERVICE_ENVIRONMENT": "staging"}, {}, id="staging"),
        pytest.param(
            {"SERVICE_ENVIRONMENT": "staging", "DEV_ENDPOINTS": "1"}, {"seed": 201}, id="staging with dev endpoints"
        ),
        pytest.param({"SERVICE_ENVIRONMENT": "staging", "SILK": "1"}, {"silk": 200}, id="staging with the profiler"),
    ],
)
def test_a_closed_environment_is_closed(variables: dict[str, str], differences: dict[str, int]) -> None:
    """A token and TLS are needed, and dev endpoints and profiler exist only where staging asks for them."""
    found = answers(API, **CLOSED, **variables)
    assert {name: status for name, (status, _) in found.items()} == {**SECURE, **differences}
    assert found["no TLS"][1]["Location"] == "https://shop.example/api/orders/"
    assert "max-age=31536000" in found["a token"][1]["Strict-Transport-Security"]
    assert found["nobody"][1]["WWW-Authenticate"] == "Token"


@pytest.mark.parametrize("login", [True, False], ids=["staff", "nobody"])
def test_the_profiler_is_for_staff_alone(login: bool) -> None:
    """With SILK=1, /silk/ opens for staff and sends anybody else to the login."""
    requests = [
        ("silk", "GET", "/silk/", {"scheme": "http", "host": "localhost", **({"login": "yes"} if login else {})})
    ]
    status, headers = answers(requests, SERVICE_ENVIRONMENT="test", SILK="1", **MEMORY)["silk"]
    assert status == (200 if login else 302)
    assert login or headers["Location"].startswith("/admin/login/")


WITHOUT_TABLES = """
import django
django.setup()
from django.core.management import call_command
for app in ("orders", "sessions"):
    call_command("migrate", app, verbosity=0)
from django.test import Client
client = Client(raise_request_exception=False)
print([client.get("/api/orders/").status_code for _ in range(2)])
call_command("migrate", verbosity=0)
print(client.get("/api/orders/").status_code)
from silk.models import Request
print(Request.objects.count())
"""


def test_a_profiler_without_its_tables_takes_nothing_down() -> None:
    """With SILK=1 and its migrations not applied, requests are answered; once they are, requests are profiled."""
    done = python("-c", WITHOUT_TABLES, SERVICE_ENVIRONMENT="test", SILK="1", **MEMORY)
    assert done.stdout.splitlines() == ["[200, 200]", "200", "1"], done.stderr


def test_django_finds_nothing_to_improve() -> None:
    """`check --deploy` has no issue with the defaults."""
    done = python("-m", "django", "check", "--deploy", "--fail-level", "INFO", **CLOSED)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_the_schema_of_a_closed_environment_names_the_token() -> None:
    """Where a token is needed, the schema says so, and lists the 401."""
    done = python("-m", "django", "spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", **CLOSED)
    assert done.returncode == 0, done.stderr
    schema = json.loads(done.stdout)
    assert "/api/dev/seed/" not in schema["paths"]
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    assert all(
        "401" in operation["responses"] and operation["security"] == [{"tokenAuth": []}] for operation in operations
    )


def test_other_parts_are_added_through_the_environment() -> None:
    """Apps, the test runner, the header of a proxy and Server-Timing come from variables."""
    found = shown(
        "INSTALLED_APPS",
        "TEST_RUNNER",
        "SECURE_PROXY_SSL_HEADER",
        "MIDDLEWARE",
        **CLOSED,
        EXTRA_APPS="django.contrib.humanize,django.contrib.sites",
        TEST_RUNNER="some.Runner",
        SECURE_PROXY_SSL_HEADER="X-Forwarded-Proto=https",
        SERVER_TIMING="1",
    )
    assert found["INSTALLED_APPS"][-2:] == ["django.contrib.humanize", "django.contrib.sites"]
    assert found["TEST_RUNNER"] == "some.Runner"
    assert found["SECURE_PROXY_SSL_HEADER"] == ["HTTP_X_FORWARDED_PROTO", "https"]
    assert "service.middleware.ServerTiming" in found["MIDDLEWARE"]


def test_ready_is_quick_to_say_no() -> None:
    """With a server that is not there, ready is a 503 in JSON, and live is 200."""
    script = (
        "import django, time; django.setup()\n"
        "from django.test import Client\n"
        "client = Client()\n"
        "print(client.get('/healthz/live').status_code, client.get('/healthz/ready').status_code)"
    )
    done = python("-c", script, SERVICE_ENVIRONMENT="test", DATABASE_URL="postgresql://me@%2Fnowhere/shop")
    assert done.stdout.split() == ["200", "503"], done.stderr
