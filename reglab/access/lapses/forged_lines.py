"""Line breaks that a client sends and that come into the log as they are: who sends them writes lines of the log."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from django.db import DatabaseError

from reglab.access.callers import Caller
from reglab.access.lapses.lapse import LINE_FORGED, Lapse
from reglab.access.lapses.logged_secrets import LoggedSecret, logged_secrets
from reglab.access.sending import sent
from reglab.project.audit_ground import AuditGround
from reglab.project.data.isolation import Sequences, forget_caches, rolled_back
from reglab.project.outages import failing
from reglab.project.requests.json_content import with_texts
from reglab.project.requests.test_client import Request

_WORD: Final = "reglab-forged-line"
_LINE: Final = f"\n{_WORD}"
# A pattern with a dot, as of `<path:>`, lets this one through: a terminal writes over the line with it.
_OVER: Final = f"\r{_WORD}"
# None: the database answers. 0 and 1: it fails, at once or after the caller is known.
_OUTAGES: Final = (None, 0, 1)


@dataclass(slots=True, kw_only=True)
class ForgedLines:
    """Sends requests with a line break in their path, query and texts, and looks into what is logged then."""

    ground: AuditGround
    _told: set[tuple[str, ...]] = field(default_factory=set)
    _sequences: Sequences = field(default_factory=Sequences)

    def lapses(self, scenario: str, endpoint: str, request: Request, holder: Caller) -> Iterator[Lapse]:
        """Yield each line of the project's that writes such a text into a log, once in an audit."""
        for forged in _forged(request):
            for after in _OUTAGES:
                for one in self._logged(forged, holder, fails_after=after):
                    # What Django logs by itself it escapes.
                    if one.places and one.places not in self._told:
                        self._told.add(one.places)
                        yield Lapse(
                            id=LINE_FORGED,
                            scenario=scenario,
                            endpoint=endpoint,
                            text=f"a line break that a client sends is written into the log {one.logger!r} "
                            f"({one.level}) as it is, and so would be a line of the client's own: {one.text}",
                            places=one.places,
                        )

    def _logged(self, request: Request, holder: Caller, *, fails_after: int | None) -> list[LoggedSecret]:
        self._sequences.restore()
        forget_caches()
        frames = self.ground.frames
        with rolled_back(), logged_secrets((_LINE, _OVER), frames=frames) as logged, suppress(DatabaseError):
            client = holder.client()
            with failing(self.ground.connections, after=fails_after):
                sent(client, (request,), holder)
        return logged


def _forged(request: Request) -> Iterator[Request]:
    """Yield the request with a line break in its path, then in each value of its query, and in each text it sends."""
    parts = urlsplit(request.path)
    path = parts._replace(path=f"{parts.path.rstrip('/')}/x{quote(_OVER)}/")
    yield replace(request, path=path.geturl())
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode([*((name, value + _LINE) for name, value in pairs), ("q", _LINE)])
    changed = replace(request, path=parts._replace(query=query).geturl())
    if request.body and request.content_type == "application/json":
        changed = replace(changed, body=json.dumps(with_texts(json.loads(request.body), _lined)).encode())
    yield changed


def _lined(text: str) -> str:
    return text + _LINE
