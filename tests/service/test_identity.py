"""The identity endpoint: only a holder of the key can prove to be a test target, and production never does."""

import hashlib
import hmac
import json
import os
import subprocess
import sys

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


def test_it_signs_environment_revision_and_nonce() -> None:
    """The signature is the HMAC-SHA256 of the documented text, computed here by hand."""
    status, answer = asked(f"nonce={NONCE}")
    text = f"regression-lab-identity-1\n{answer['environment']}\nabc123\n{NONCE}"
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
