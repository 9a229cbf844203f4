"""The signing of a stub target: written down a second time from docs/load.md, so that the contract is tested."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any


@dataclass(slots=True, kw_only=True)
class Identity:
    """What a stub claims to be. Another key, or another place, makes it another target."""

    key: str
    environment: str = "test"
    place: str = "here"
    revision: str = "first"

    def answer(self, nonce: str) -> dict[str, Any]:
        """Return the answer of the identity endpoint."""
        parts = [self.environment, self.place, self.revision, nonce]
        signed = self._sign("regression-lab-identity-2", *parts)
        return {**dict(zip(("environment", "place", "revision", "nonce"), parts, strict=True)), "signature": signed}

    def request_id(self, header: str) -> str:
        """Return the id of a request that is meant for this target; nothing for any other."""
        name, _, given = header.rpartition(".")
        meant = self._sign("regression-lab-request-2", self.environment, self.place, name)
        return name if hmac.compare_digest(given, meant) else ""

    def proof(self, name: str) -> str:
        """Return the header that proves an answer."""
        parts = (self.environment, self.place, self.revision, name)
        return f"{self.revision} {self._sign('regression-lab-answer-2', *parts)}"

    def _sign(self, *lines: str) -> str:
        return hmac.new(self.key.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()
