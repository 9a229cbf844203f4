"""Sends single requests over pooled connections: each signed, each with a time limit, and none of them ever again."""

import re
from time import perf_counter
from typing import Final

import gevent
import geventhttpclient.client
from geventhttpclient import HTTPClient
from geventhttpclient.response import HTTPConnectionClosed, HTTPParseError, HTTPSocketPoolResponse

from reglab.load.generator.recorder import Answer
from reglab.load.operations import Request
from reglab.load.target.proof import PROOF_HEADER, REQUEST_HEADER, Proof, guarded_path
from reglab.load.target.tripwire import Tripwire

CONNECTIONS_MAX: Final = 900
BLOCK_BYTES: Final = 65_536
NOT_SENT: Final = "not sent: the run was stopped"
_SERVER_TIMING: Final = re.compile(r'db;dur=([\d.]+);desc="(\d+) quer')
_PROOF: Final = PROOF_HEADER.lower()

# The client sends a GET, PUT or DELETE again, unseen, when its connection breaks. A load test must see each break,
# and must never write twice: no retry for any method.
geventhttpclient.client._may_retry_after_send_error = lambda method: False  # noqa: ARG005, SLF001


class Sender:
    """An HTTP client for one origin. It follows no redirect, keeps no cookie and tries nothing twice.

    Locust's own FastHttpSession does the same over the same client, with a layer for cookies, redirects and retries
    that costs a third of the rate. The first answer without the target's proof cuts the tripwire; then nothing is sent.
    """

    def __init__(
        self, origin: str, *, run: str, token: str, timeout_s: float, proof: Proof, tripwire: Tripwire
    ) -> None:
        headers = {"Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Token {token}"
        self.revisions = {proof.revision}
        self._timeout_s = timeout_s
        self._run = {"X-Load-Run": run}
        self._proof = proof
        self._tripwire = tripwire
        self._client = HTTPClient.from_url(
            origin,
            headers=headers,
            concurrency=CONNECTIONS_MAX,
            block_size=BLOCK_BYTES,
            connection_timeout=timeout_s,
            # One limit for the whole request, set below, instead of one a read: a server that drips would never end.
            network_timeout=None,
        )

    def send(self, request: Request, *, due: float, is_check: bool = False) -> Answer:
        """Send one request and return what became of it. `due` is its intended start, on perf_counter's clock.

        A check, which reads a row before it is written, is no request of the load and does not say that it is.
        """
        if self._tripwire.is_cut():
            return Answer(status=0, seconds=perf_counter() - due, cause=NOT_SENT)
        name, header = self._proof.next_request()
        headers = {REQUEST_HEADER: header}
        if not is_check:
            headers |= self._run
        if request.json is not None or request.form is not None:
            headers["Content-Type"] = request.content_type
        timeout = gevent.Timeout(self._timeout_s)
        timeout.start()
        try:
            return self._exchange(request, name, headers, due)
        except gevent.Timeout as late:
            if late is not timeout:
                raise
            return Answer(status=0, seconds=perf_counter() - due, cause="no answer in time")
        except HTTPConnectionClosed as error:
            return _broken(error, due)
        except HTTPParseError:
            return self._unproven(request, due, "answered with what is no HTTP")
        except Exception as error:  # noqa: BLE001  # whatever breaks a connection: the client has a dozen ways to say so
            return _broken(error, due)
        finally:
            timeout.close()

    def _exchange(self, request: Request, name: str, headers: dict[str, str], due: float) -> Answer:
        path = guarded_path(request.method, request.path)
        response = self._client.request(request.method, path, body=request.body, headers=headers)
        revision = self._proof.revision_of(name, response.get(_PROOF))
        if revision is None:
            # Whatever its body holds, it is not the target's.
            response.release()
            return self._unproven(request, due, f"answered ({response.status_code}) without the target's proof")
        self.revisions.add(revision)
        body = bytes(response.read())
        return _answer(response, body, seconds=perf_counter() - due)

    def _unproven(self, request: Request, due: float, what: str) -> Answer:
        self._tripwire.cut(f"{request.method} {request.path} was {what}")
        return Answer(status=0, seconds=perf_counter() - due, cause=what, is_proven=False)


def _broken(error: Exception, due: float) -> Answer:
    return Answer(status=0, seconds=perf_counter() - due, cause=f"broken connection: {type(error).__name__}")


def _answer(response: HTTPSocketPoolResponse, body: bytes, *, seconds: float) -> Answer:
    status = response.status_code
    timing = response.get("server-timing")
    found = _SERVER_TIMING.search(str(timing)) if timing else None
    return Answer(
        status=status,
        seconds=seconds,
        cause="" if status < 300 else f"status {status}",
        body=body,
        queries=int(found[2]) if found else None,
        database_ms=float(found[1]) if found else 0.0,
    )
