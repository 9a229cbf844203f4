"""Whatever is asked for as each caller: the scenarios, other URLs, and paths that only code names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from reglab.access.callers import WRITERS, Caller, owner_of
from reglab.access.cells import openness
from reglab.access.credentials import Credentials
from reglab.access.hidden_paths import hidden_paths
from reglab.project.audit_ground import AuditGround
from reglab.project.endpoints.discovery import Endpoint, Endpoints
from reglab.project.requests.raced import SAFE_METHODS
from reglab.project.requests.test_client import Request

_RIGHTS: Final = frozenset({"authorization", "cookie"})
_PARAMETER: Final = re.compile(r"\{[^}]*\}")
# At URLs that no scenario is about, such as the admin's.
_CALLERS_ELSEWHERE: Final = frozenset({"nobody", "forged form", "user", "staff"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is sent: the requests of a scenario, or one to a URL that no scenario is about."""

    name: str
    endpoint: str
    requests: tuple[Request, ...]
    owner: Caller | None = None
    view: Any = None
    # Where a path stands that no URLconf names.
    place: str = ""

    @property
    def is_of_scenario(self) -> bool:
        """Whether a scenario of the suite is behind it."""
        return self.view is None and not self.place

    def is_for(self, caller: Caller, *, user: str) -> bool:
        """Whether the caller can tell anything new here: forging needs a write, and what is waived fewer callers.

        Where a `user` without rights was served what only reads, whoever may write is served, too.
        """
        tells_nothing = caller.checks_csrf or (caller.name in WRITERS and openness(user) > 1)
        if tells_nothing and all(request.method in SAFE_METHODS for request in self.requests):
            return False
        return self.is_of_scenario or caller.name in _CALLERS_ELSEWHERE


def targets(ground: AuditGround, credentials: Credentials) -> Iterator[Target]:
    """Yield what is asked for; all but the scenarios only where all of them are."""
    endpoints = Endpoints()
    covered: set[str] = set()
    for scenario in ground.served:
        endpoint = ground.coverage.endpoint_by_scenario.get(scenario.name, "")
        covered.add(endpoint)
        yield Target(
            name=scenario.name,
            endpoint=endpoint or scenario.all_steps[-1].request,
            requests=without_rights(ground.requests(scenario), credentials),
            owner=owner_of(ground.file, scenario, credentials),
        )
    if ground.is_whole:
        yield from (_of_endpoint(one) for one in endpoints.all if one.name not in covered)
        for path, place in hidden_paths(ground.frames):
            name = f"GET {path}"
            if name not in covered:
                yield Target(name=f"({name})", endpoint=name, requests=(_bare("GET", path),), place=place)


def _of_endpoint(endpoint: Endpoint) -> Target:
    request = _bare(endpoint.method, _PARAMETER.sub("1", endpoint.path))
    return Target(name=f"({endpoint.name})", endpoint=endpoint.name, requests=(request,), view=endpoint.view)


def _bare(method: str, path: str) -> Request:
    return Request(method=method, path=path, body=b"", content_type="application/json", headers={}, expected_status=0)


def without_rights(requests: Sequence[Request], credentials: Credentials) -> tuple[Request, ...]:
    """Take the suite's own rights out of its requests."""
    rights = _RIGHTS | credentials.names
    return tuple(
        replace(
            one,
            headers={name: value for name, value in one.headers.items() if name.lower() not in rights},
            is_forced=False,
        )
        for one in requests
    )
