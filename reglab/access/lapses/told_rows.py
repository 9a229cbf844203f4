"""Refusals that tell what another row holds: who is told that an address is taken need not be told whose it is."""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from unittest import mock

from django.http.response import HttpResponseBase

from reglab.access.lapses.lapse import ROW_TOLD, Lapse
from reglab.project.data.isolation import Sequences, forget_caches, rolled_back
from reglab.project.requests.silence import quiet
from reglab.project.requests.test_client import Request
from reglab.project.source_lines import ProjectFrames
from reglab.project.tracebacks import raised_at

_FIELDS_MAX: Final = 8
Send = Callable[[Request], HttpResponseBase]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRows:
    """Sends a request once with another text in one of its fields, then as it is, and reads how it is refused."""

    frames: ProjectFrames

    def told(self, scenario: str, endpoint: str, request: Request, send: Send) -> Iterator[Lapse]:
        """Yield a lapse for each field whose text, stored by the first request, is in the refusal of the second."""
        sequences = Sequences()
        for name, word, other in _others(request):
            sequences.restore()
            forget_caches()
            with rolled_back(), quiet():
                if not 200 <= send(other).status_code < 300:
                    continue
                with self._raised() as places:
                    answer = send(request)
                if 400 <= answer.status_code < 500 and word.encode() in getattr(answer, "content", b""):
                    yield Lapse(
                        id=ROW_TOLD,
                        scenario=scenario,
                        endpoint=endpoint,
                        text=f"refused with {answer.status_code}, a caller is told the {name} of a row that another "
                        "request has stored",
                        places=places[-1] if places else (),
                    )

    @contextmanager
    def _raised(self) -> Iterator[list[tuple[str, ...]]]:
        """Give the project's lines of each exception that a view of DRF turns into its answer inside the block."""
        found: list[tuple[str, ...]] = []
        try:
            from rest_framework.views import APIView
        except ImportError:
            yield found
            return
        handle = APIView.handle_exception

        def noted(view: Any, error: Exception) -> Any:
            found.append(raised_at(error.__traceback__, self.frames))
            return handle(view, error)

        with mock.patch.object(APIView, "handle_exception", noted):
            yield found


def _others(request: Request) -> Iterator[tuple[str, str, Request]]:
    """Yield a field's name, a word that nobody else stores, and the request with that word in the field."""
    body = _mapping(request)
    texts = [name for name, value in body.items() if isinstance(value, str)]
    for name in texts[:_FIELDS_MAX]:
        word = f"zq{secrets.token_hex(4)}x"
        # What an address must look like is kept.
        _, at, domain = body[name].partition("@")
        yield name, word, replace(request, body=json.dumps({**body, name: f"{word}{at}{domain}"}).encode())


def _mapping(request: Request) -> dict[str, Any]:
    if request.method != "POST" or "json" not in request.content_type:
        return {}
    try:
        body = json.loads(request.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
