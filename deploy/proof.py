"""Proof over the network that the origin answers, and on staging with which revision."""

import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

# The harness's own side of the contract: it imports nothing, and the two cannot come apart.
from reglab.load.target.proof import IDENTITY_VERSION, signature

TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status and JSON body of one answer; status 0 where there was none, and then the reason as `detail`."""

    status: int
    body: dict[str, Any]


def ask(url: str) -> Answer:
    """GET `url` and return the answer, whatever it is."""
    request = Request(url, headers={"User-Agent": "regression-lab-release"})  # noqa: S310
    try:
        with urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310
            return Answer(status=response.status, body=_parsed(response.read()))
    except HTTPError as error:
        with error:
            return Answer(status=error.code, body=_parsed(error.read()))
    except (URLError, OSError) as error:
        return Answer(status=0, body={"detail": str(error)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Asks one origin what it is. Without a key, as on production, only whether it is ready."""

    origin: str
    environment: str
    key: str = ""
    ask: Callable[[str], Answer] = ask

    def refutation(self, revision: str) -> str | None:
        """Return None where `revision` is proven, else one sentence; "not yet: …" where a later answer may differ."""
        if not self.key:
            answer = self.ask(f"{self.origin}/healthz/ready")
            return None if answer.status == 200 else f"not yet: {self.origin}/healthz/ready answered {_said(answer)}"
        nonce = secrets.token_urlsafe(24)
        answer = self.ask(f"{self.origin}/healthz/identity?nonce={nonce}")
        if answer.status != 200:
            return f"not yet: {self.origin}/healthz/identity answered {_said(answer)}"
        found = {name: str(answer.body.get(name, "")) for name in ("environment", "place", "revision", "signature")}
        # docs/load.md, The contract of a target.
        expected = signature(self.key, IDENTITY_VERSION, found["environment"], found["place"], found["revision"], nonce)
        if not hmac.compare_digest(expected, found["signature"]):
            return f"{self.origin} does not know the key: its signature is wrong"
        if found["environment"] != self.environment:
            return f"{self.origin} is {found['environment']}, not {self.environment}"
        if found["revision"] != revision:
            return f"{self.origin} runs revision {found['revision'][:12]}, not {revision[:12]}"
        return None


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _said(answer: Answer) -> str:
    detail = answer.body.get("detail", "")
    return f"{answer.status or 'nothing'}{f' ({detail})' if detail else ''}"
