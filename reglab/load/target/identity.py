"""The target's identity: it proves to be what the allowlist says, before anything else is sent to it."""

import hmac
import os
import re
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from reglab.config.targets import Target
from reglab.errors import LoadTestError, UnsafeTargetError
from reglab.load.target.http_client import Api
from reglab.load.target.proof import IDENTITY_VERSION, Proof, signature
from reglab.load.target.tripwire import Tripwire

IDENTITY_PATH: Final = "/healthz/identity"
KEY_LENGTH_MIN: Final = 16
# Each part goes into signed text and into headers.
_WORD: Final = re.compile(r"[!-~]{1,128}")


def shared_key(variables: Mapping[str, str] = os.environ) -> str:
    """Return the key that the target knows too. Raises UnsafeTargetError where there is none that deserves the name."""
    key = variables.get("LOADTEST_KEY", "")
    if len(key) < KEY_LENGTH_MIN:
        raise UnsafeTargetError(
            f"LOADTEST_KEY is not set, or shorter than {KEY_LENGTH_MIN} characters: without the key that the target "
            "knows too, it cannot prove to be a test target. Nothing was sent."
        )
    return key


def prove(
    target: Target,
    *,
    variables: Mapping[str, str] = os.environ,
    tripwire: Tripwire | None = None,
    expected: Proof | None = None,
    deadline_s: float = 10.0,
) -> Proof:
    """Make the target prove that it is what the allowlist says, and return the proof for all that follows.

    Sends one GET without a token, to the identity endpoint alone, over a connection of its own. `expected` is an
    earlier proof: then the place must still be the same. Raises UnsafeTargetError where the target does not prove
    itself, LoadTestError where it gives no answer at all, or a signed one that is no identity: it is overloaded then.
    """
    key = shared_key(variables)
    nonce = secrets.token_urlsafe(24)
    tripwire = tripwire or Tripwire()
    api = Api(origin=target.origin, proof=expected, tripwire=tripwire, deadline_s=deadline_s, asks=True)
    try:
        reply = api.request("GET", f"{IDENTITY_PATH}?nonce={nonce}")
    finally:
        api.close()
    if reply.status != HTTPStatus.OK and reply.revision:
        raise LoadTestError(
            f"{target.origin} is the target, and answered {reply.status} when it was asked who it is: it is overloaded"
        )
    answer = reply.json if reply.status == HTTPStatus.OK and isinstance(reply.json, dict) else {}
    reason = _doubt(answer, status=reply.status, key=key, nonce=nonce, environment=target.environment)
    if not reason and expected is not None and answer["place"] != expected.place:
        reason = "another database is behind it than before"
    if reason:
        tripwire.cut(f"{target.origin} did not prove to be a test target: {reason}")
        raise UnsafeTargetError(
            f"{target.origin} did not prove to be a test target: {reason}. Nothing more was sent to it."
        )
    return Proof(key=key, environment=target.environment, place=str(answer["place"]), revision=str(answer["revision"]))


def _doubt(answer: dict[str, Any], *, status: int, key: str, nonce: str, environment: str) -> str:
    """Return why an answer proves nothing, or nothing where it is the proof."""
    if status == HTTPStatus.MISDIRECTED_REQUEST:
        return "it answered 421: another key, environment or database is behind it than before"
    if not answer:
        return f"it answered {status} instead of an identity"
    parts = [answer.get(name) for name in ("environment", "place", "revision")]
    if not all(isinstance(part, str) and _WORD.fullmatch(part) for part in parts):
        return "its identity lacks environment, place or revision (this version needs all three: docs/load.md)"
    expected = signature(key, IDENTITY_VERSION, *(str(part) for part in parts), nonce)
    given = str(answer.get("signature", ""))
    if answer.get("nonce") != nonce or not hmac.compare_digest(given.encode(errors="replace"), expected.encode()):
        return "its signature does not fit LOADTEST_KEY"
    if answer["environment"] != environment:
        return f"it says that it is {answer['environment']!r}, and the list says {environment!r}"
    return ""
