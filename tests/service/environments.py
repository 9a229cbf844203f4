"""Processes with an environment of their own: what the service is and answers in it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
OWN = ("SERVICE_ENVIRONMENT", "SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "DEV_ENDPOINTS", "SILK", "SERVER_TIMING")
MEMORY = {"DATABASE_URL": "sqlite:///:memory:"}
CLOSED = {
    **MEMORY,
    "SECRET_KEY": "k" * 25 + "abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "shop.example,www.shop.example",
}
ASK = """
import json, sys, django
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
from io import StringIO
from django.contrib.auth.models import User
out = StringIO()
call_command("create_token", "staff", "--role", "manager", stdout=out)
token = out.getvalue().strip()
staff = User.objects.get()
staff.is_staff = True
staff.save()
client = Client(headers={"host": "shop.example"}, raise_request_exception=False)
answers = {}
for name, method, path, headers in json.loads(sys.argv[1]):
    extra = {key: value.replace("TOKEN", token) for key, value in headers.items()}
    client.logout()
    if extra.pop("login", None):
        client.force_login(staff)
    response = client.generic(method, path, secure=extra.pop("scheme", "https") == "https", headers=extra)
    answers[name] = [response.status_code, dict(response.headers)]
print(json.dumps(answers))
"""
SHOW = """
import json, sys
from django.conf import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""


def python(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the project with these variables and none of the service's own beside them."""
    inherited = {name: value for name, value in os.environ.items() if name not in OWN and not name.startswith("COV_")}
    environment = {**inherited, "DJANGO_SETTINGS_MODULE": "service.settings", **variables}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def answers(requests: list[tuple[str, str, str, dict[str, str]]], **variables: str) -> dict[str, Any]:
    """Send the requests in an environment of their own: status and headers by name."""
    done = python("-c", ASK, json.dumps(requests), **variables)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def shown(*names: str, **variables: str) -> dict[str, Any]:
    """The values of these settings."""
    done = python("-c", SHOW, *names, **variables)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
