"""Calls that fail, again and again as one address: how many are answered, with a wrong token and without any."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from urllib.parse import urlsplit

from reglab.access.callers import NOBODY, WRONG_TOKEN, Caller
from reglab.access.credentials import Credentials
from reglab.access.lapses.lapse import Lapse
from reglab.access.lapses.patience import Send, answered_calls, never_waiting
from reglab.access.sending import sent
from reglab.access.targets import without_rights
from reglab.project.audit_ground import AuditGround
from reglab.project.endpoints.view_places import login_paths
from reglab.project.requests.raced import SAFE_METHODS
from reglab.project.requests.test_client import Request


@dataclass(frozen=True, kw_only=True)
class FailedCalls:
    """Calls to the scenarios that `refused` a wrong token."""

    ground: AuditGround
    everybody: Sequence[Caller]
    credentials: Credentials
    refused: frozenset[str]

    @cached_property
    def answered(self) -> int | None:
        """How many calls with a wrong token are answered until the address has to wait.

        0 where it never has to, None where nothing was asked.
        """
        return self._answered(WRONG_TOKEN)

    @cached_property
    def answered_of_nobody(self) -> int | None:
        """The same of calls without a token, where one has to wait at all: who counts guesses may leave them out."""
        return self._answered(NOBODY) if self.answered else None

    def lapses(self) -> Iterator[Lapse]:
        """Give the ways in which an address that has to wait may go on for ever."""
        caller = self._caller(WRONG_TOKEN)
        if self.answered and caller is not None:
            others = self._others(self._requests[0])
            yield from never_waiting(self._requests, _send(caller), others, answered=self.answered)

    @cached_property
    def _requests(self) -> list[Request]:
        ground = self.ground
        asked = [ground.requests(scenario)[0] for scenario in ground.served if scenario.name in self.refused]
        # A write would be undone at the end alone; of what only differs in its query, one is enough.
        return list(
            {
                urlsplit(one.path).path: one
                for one in without_rights(asked, self.credentials)
                if one.method in SAFE_METHODS
            }.values()
        )

    def _answered(self, name: str) -> int | None:
        caller = self._caller(name)
        if self._requests and caller is not None:
            return answered_calls(self._requests, _send(caller))
        # Of a part of the suite nothing is known; of all of it, nothing that refuses can make anybody wait.
        return 0 if self.ground.is_whole else None

    def _caller(self, name: str) -> Caller | None:
        return next((caller for caller in self.everybody if caller.name == name), None)

    def _others(self, asked: Request) -> dict[str, Callable[[], object]]:
        """Return other requests of the same address: one that is served, and a log-in without a token of its form."""
        known = self._caller("superuser")
        others: dict[str, Callable[[], object]] = {}
        if known is not None:
            others["a request that is served"] = lambda: sent(known.client(), (asked,), known)
        stranger = Caller(name="stranger", checks_csrf=True)
        for path in login_paths():
            others[f"a forged log-in at {path}"] = partial(stranger.client().post, path, secure=True)
        return others


def _send(caller: Caller) -> Send:
    client = caller.client()
    return lambda request: sent(client, (request,), caller).status_code
