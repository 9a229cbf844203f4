"""From a scenario of a suite to the requests that it sends: every binding filled in."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from reglab.config.suite import Scenario, Suite
from reglab.config.suite_parts import JOBS, Step
from reglab.errors import AuditError
from reglab.project.data.superuser import superuser_cookie
from reglab.project.requests.binding import filled_body, filled_path
from reglab.project.requests.jobs import filled_words
from reglab.project.requests.scenario_user import proof_of
from reglab.project.requests.test_client import Request

MULTIPART: Final = "multipart/form-data"


def prepared(suite: Suite, scenario: Scenario, values: Mapping[str, Any]) -> tuple[Request, ...]:
    """Fill the bindings of every step."""
    requests = (_prepared(suite, step, values) for step in scenario.all_steps)
    proof = _proof(suite, scenario)
    return tuple(
        replace(request, headers={**request.headers, **proof}, constants=scenario.constants) for request in requests
    )


def _proof(suite: Suite, scenario: Scenario) -> Mapping[str, str]:
    """Return the headers that prove the scenario's own user; empty where it has none."""
    if scenario.as_superuser:
        return {"Cookie": superuser_cookie()}
    if scenario.login is None:
        return {}
    is_forced = suite.login is not None and suite.login.force
    return proof_of(scenario.login, is_forced=is_forced, where=f"scenario {scenario.name!r}")


def _prepared(suite: Suite, step: Step, values: Mapping[str, Any]) -> Request:
    body = filled_body(step.body, values)
    return Request(
        method=step.method,
        path=_filled(step, values),
        body=_encoded(body, step.content_type),
        content_type=MULTIPART_CONTENT if step.content_type == MULTIPART else step.content_type,
        headers={name: str(filled_body(value, values)) for name, value in {**suite.headers, **step.headers}.items()},
        expected_status=step.status,
        is_secure=suite.https,
        is_forced=suite.login is not None and suite.login.force,
    )


def _filled(step: Step, values: Mapping[str, Any]) -> str:
    if step.method in JOBS:
        return filled_words(step.path, lambda word: filled_body(word, values))
    return filled_path(step.path, values)


def _encoded(body: Any, content_type: str) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str) and content_type != "application/json":
        return body.encode()
    if content_type == MULTIPART:
        return encode_multipart(BOUNDARY, {name: _part(value, name) for name, value in body.items()})
    if content_type == "application/x-www-form-urlencoded":
        from urllib.parse import urlencode

        return urlencode(body, doseq=True).encode()
    # Keys and dates of rows are bound as they are: as text, as a client would send them.
    return json.dumps(body, default=str).encode()


def is_file(value: Any) -> bool:
    """Tell whether a value of a body is a file: `{ filename = "a.png", base64 = "…" }`."""
    return isinstance(value, Mapping) and set(value) == {"filename", "base64"}


def _part(value: Any, name: str) -> Any:
    """Return a part of a form with files. Raises AuditError."""
    if not is_file(value):
        return value
    try:
        content = base64.b64decode(value["base64"], validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise AuditError(f"the file of {name!r} in a body is no base64 ({error}); write what `base64` prints") from None
    return SimpleUploadedFile(str(value["filename"]), content)
