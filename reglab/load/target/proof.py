"""Signs requests to a target and checks its answers: what has no proof did not come from the target."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

# The contract of docs/load.md, kept by reglab.load.identity_middleware and by whatever a service has of its own.
IDENTITY_VERSION: Final = "regression-lab-identity-2"
REQUEST_VERSION: Final = "regression-lab-request-2"
ANSWER_VERSION: Final = "regression-lab-answer-2"
REQUEST_HEADER: Final = "X-Load-Request"
PROOF_HEADER: Final = "X-Load-Proof"
HEADER_LENGTH_MAX: Final = 512
# Behind the path of everything that writes: only the target takes it off, so that no other server knows the path.
WRITE_SUFFIX: Final = "~load"
READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def signature(key: str, *lines: str) -> str:
    """Return the hexadecimal HMAC-SHA256 of lines that are joined by a line feed."""
    return hmac.new(key.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()


def guarded_path(method: str, path: str) -> str:
    """Return the path under which a request is sent: one that writes exists on a proven target alone."""
    if method in READS:
        return path
    plain, mark, query = path.partition("?")
    return f"{plain}{WRITE_SUFFIX}{mark}{query}"


@dataclass(slots=True, kw_only=True)
class Proof:
    """What a target has proven to be, and the shared key that every further answer has to know.

    `place` stands for the database behind the target: another server with the same key is another place. Each
    process signs with a nonce of its own, so that no answer fits two requests.
    """

    key: str = field(repr=False)
    environment: str
    place: str
    revision: str
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    _numbers: Any = field(default_factory=lambda: count(1), repr=False)
    _request: Any = field(init=False, repr=False)
    _answers: dict[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self._request = self._begun(f"{REQUEST_VERSION}\n{self.environment}\n{self.place}\n")

    def next_request(self) -> tuple[str, str]:
        """Return the id of a new request, and the value of its header: the id and its signature."""
        request = f"{self.nonce}-{next(self._numbers)}"
        return request, f"{request}.{_finished(self._request, request)}"

    def revision_of(self, request: str, header: object) -> str | None:
        """Return the revision that an answer proves to come from, None where it proves nothing."""
        if not isinstance(header, str) or len(header) > HEADER_LENGTH_MAX:
            return None
        revision, _, given = header.rpartition(" ")
        begun = self._answers.get(revision)
        if begun is None:
            begun = self._begun(f"{ANSWER_VERSION}\n{self.environment}\n{self.place}\n{revision}\n")
        # As bytes: a header may hold anything, and compare_digest takes only ASCII as text.
        if not hmac.compare_digest(given.encode(errors="replace"), _finished(begun, request).encode()):
            return None
        self._answers[revision] = begun
        return revision

    def _begun(self, text: str) -> Any:
        return hmac.new(self.key.encode(), text.encode(), hashlib.sha256)


def _finished(begun: Any, request: str) -> str:
    digest = begun.copy()
    digest.update(request.encode())
    return str(digest.hexdigest())
