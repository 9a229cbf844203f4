"""Headers of answers that protect a browser's user, and headers that let others read what is answered."""

import re
from collections.abc import Iterator
from typing import Final

from django.http.response import HttpResponseBase

PROTECTING: Final = (
    "Strict-Transport-Security",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
    "Content-Security-Policy",
    "Permissions-Policy",
)
PERMITTING: Final = ("Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Cache-Control")
Headers = dict[str, str]
# A nonce is another one in each answer.
_NONCE: Final = re.compile(r"'nonce-[^']*'")
_CACHED: Final = "Cache-Control"
# In the place of a value: browsers keep what nothing forbids.
MAY_BE_KEPT: Final = "(nothing that forbids to keep it)"
_UNKEPT: Final = re.compile(r"\bprivate\b|\bno-store\b|\bno-cache\b")
_SHARED: Final = re.compile(r"\bpublic\b|\bs-maxage=[1-9]")


def protecting(response: HttpResponseBase) -> Headers:
    """Return the headers of an answer that protect, with their values."""
    return {name: _masked(response.headers[name]) for name in PROTECTING if name in response.headers}


def permitting(response: HttpResponseBase) -> Headers:
    """Return the headers of an answer that let other pages, or caches that many share, have it.

    Where nothing forbids to keep what was served, that is told as a value of its own: somebody may have forbidden it.
    """
    found = {name: _masked(response.headers[name]) for name in PERMITTING if name in response.headers}
    cached = found.pop(_CACHED, "")
    if _SHARED.search(cached):
        found[_CACHED] = cached
    elif 200 <= response.status_code < 300 and not _UNKEPT.search(cached):
        found[_CACHED] = MAY_BE_KEPT
    return found


def in_all(known: Headers | None, headers: Headers) -> Headers:
    """Return the headers that the answers before had as well, with their present values."""
    return headers if known is None else {name: value for name, value in headers.items() if name in known}


def lacking(headers: dict[str, Headers], name: str) -> list[str]:
    """Return the scenarios whose answers lack a header."""
    return [scenario for scenario in sorted(headers) if name not in headers[scenario]]


def by_value(headers: dict[str, Headers], name: str) -> dict[str, list[str]]:
    """Return the scenarios by the value of a header; of the most frequent value the rest, as "*".

    A header that lets others have an answer is never accepted for a scenario that did not send it.
    """
    found: dict[str, list[str]] = {}
    for scenario in sorted(headers):
        if name in headers[scenario]:
            found.setdefault(headers[scenario][name], []).append(scenario)
    if found and (name in PROTECTING or all(name in each for each in headers.values())):
        found[max(found, key=lambda value: len(found[value]))] = ["*"]
    return found


def accepted_value(values: dict[str, tuple[str, ...]], scenario: str) -> str:
    """Return the value that was accepted for a scenario, an empty text for none."""
    own = next((value for value, scenarios in values.items() if scenario in scenarios), "")
    return own or next((value for value, scenarios in values.items() if "*" in scenarios), "")


def changes(accepted: str, found: str) -> Iterator[str]:
    """Say how a value differs: the parts that are gone, and those that have come."""
    before, after = _parts(accepted), _parts(found)
    if gone := [part for part in before if part not in after]:
        yield f"without {'; '.join(gone)}"
    if come := [part for part in after if part not in before]:
        yield f"with {'; '.join(come)}"


def _parts(value: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"[;,]", value) if part.strip()]


def _masked(value: str) -> str:
    return _NONCE.sub("'nonce-…'", value)
