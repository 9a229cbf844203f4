"""The identity endpoint: only a holder of the key can prove to be a test target, and production never does."""

import hashlib
import hmac
import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.test import RequestFactory

from service import identity

KEY = "a-key-for-this-test-only"
NONCE = "0123456789abcdef"


@pytest.fixture(autouse=True)
def _target(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOADTEST_KEY", KEY)
    monkeypatch.setenv("SERVICE_REVISION", "abc123")


def asked(query: str) -> tuple[int, dict[str, object]]:
    response = identity.identity(RequestFactory().get(f"/healthz/identity?{query}"))
    return response.status_code, json.loads(response.content)


def test_it_signs_environment_place_revision_and_nonce() -> None:
    """The signature is the HMAC-SHA256 of the documented text, computed here by hand."""
    status, answer = asked(f"nonce={NONCE}")
    text = f"regression-lab-identity-2\n{answer['environment']}\n{answer['place']}\nabc123\n{NONCE}"
    expected = hmac.new(KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
    assert (status, answer["revision"], answer["nonce"], answer["signature"]) == (200, "abc123", NONCE, expected)


@pytest.mark.parametrize("nonce", ["", "short", "x" * 129, "with%20space%20inside", "new%0Aline%0Aforgery-0123"])
def test_a_nonce_that_could_forge_another_text_is_refused(nonce: str) -> None:
    """A nonce that is too short, too long or holds a line break is a 400 that names the field."""
    status, answer = asked(f"nonce={nonce}")
    assert (status, list(answer)) == (400, ["nonce"])


@pytest.mark.parametrize(
    ("environment", "key", "paths"),
    [("test", KEY, 1), ("test", "", 0), ("test", "short", 0), ("production", KEY, 0), ("staging", KEY, 1)],
)
def test_the_path_exists_only_on_a_test_target_with_a_key(environment: str, key: str, paths: int) -> None:
    """Without a key, with a short one, and in production whatever the key, there is no such path."""
    program = "import django;django.setup();from service.identity import identity_paths;print(len(identity_paths()))"
    variables = {
        "SERVICE_ENVIRONMENT": environment,
        "LOADTEST_KEY": key,
        "SECRET_KEY": "x" * 60,
        "ALLOWED_HOSTS": "example.org",
        "DATABASE_URL": "sqlite:///:memory:",
        "DJANGO_SETTINGS_MODULE": "service.settings",
        "EXTRA_APPS": "",
    }
    finished = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | variables, capture_output=True, text=True, check=True
    )
    assert finished.stdout.strip() == str(paths)


def signed(version: str, *lines: str, key: str = KEY) -> str:
    return hmac.new(key.encode(), "\n".join((version, *lines)).encode(), hashlib.sha256).hexdigest()


def exchanged(application: identity.Application, path: str, header: str | None) -> tuple[str, dict[str, str], str]:
    """Send one request through the wrapper: the status, the headers, and the path that the application saw."""
    seen: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        seen.update(status=status, headers=dict(headers))

    def application_of(environ: dict[str, Any], start_response: identity.StartResponse) -> list[bytes]:
        seen["path"] = environ["PATH_INFO"]
        return list(application(environ, start_response))

    environ = {"PATH_INFO": path, "REQUEST_METHOD": "DELETE"}
    if header is not None:
        environ["HTTP_X_LOAD_REQUEST"] = header
    identity.SignedAnswers(application_of)(environ, start)
    return seen["status"], seen["headers"], seen.get("path", "")


def not_found(environ: dict[str, Any], start_response: identity.StartResponse) -> list[bytes]:
    start_response("404 Not Found", [])
    return []


def header_for(name: str, *, key: str = KEY) -> str:
    place = str(asked(f"nonce={NONCE}")[1]["place"])
    return f"{name}.{signed('regression-lab-request-2', 'test', place, name, key=key)}"


def test_an_answer_to_a_load_test_is_signed_whatever_it_says() -> None:
    """A 404 too; and the suffix of a write is off the path before anything looks at it."""
    status, headers, path = exchanged(not_found, "/api/orders/1/~load", header_for("abcdefgh-1"))
    place = str(asked(f"nonce={NONCE}")[1]["place"])
    proof = signed("regression-lab-answer-2", "test", place, "abc123", "abcdefgh-1")
    assert (status, path) == ("404 Not Found", "/api/orders/1/")
    assert headers["X-Load-Proof"] == f"abc123 {proof}"


def test_nobody_else_gets_a_signature() -> None:
    """Without the header the answer and the path are as they were."""
    assert exchanged(not_found, "/api/orders/1/~load", None) == ("404 Not Found", {}, "/api/orders/1/~load")


def test_a_load_test_for_another_server_is_refused_before_any_view(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another key, a forged name, no key here as in production: 421, and the application is not asked."""
    wrong = [header_for("abcdefgh-1", key="another key altogether"), header_for("abcdefgh-1").replace("-1.", "-2."), ""]
    right = header_for("abcdefgh-1")
    for header in wrong:
        assert exchanged(not_found, "/api/orders/1/~load", header)[::2] == ("421 Misdirected Request", "")
    monkeypatch.setenv("LOADTEST_KEY", "")
    assert exchanged(not_found, "/api/orders/1/~load", right)[::2] == ("421 Misdirected Request", "")
