"""Sends single requests over pooled connections, each with a time limit of its own, and none of them ever again."""

import re
from time import perf_counter

import gevent
import geventhttpclient.client
from geventhttpclient import HTTPClient
from geventhttpclient.response import HTTPSocketPoolResponse

from reglab.load.generator.recorder import Answer
from reglab.load.scenarios import Request

CONNECTIONS_MAX = 900
BLOCK_BYTES = 65_536
_SERVER_TIMING = re.compile(r'db;dur=([\d.]+);desc="(\d+) quer')
_JSON = {"Content-Type": "application/json"}

# The client sends a GET, PUT or DELETE again, unseen, when its connection breaks. A load test must see each break,
# and must never write twice: no retry for any method.
geventhttpclient.client._may_retry_after_send_error = lambda method: False  # noqa: ARG005, SLF001


class Sender:
    """An HTTP client for one origin. It follows no redirect, keeps no cookie and tries nothing twice.

    Locust's own FastHttpSession does the same over the same client, with a layer for cookies, redirects and retries
    that costs a third of the rate.
    """

    def __init__(self, origin: str, *, run: str, token: str, timeout_s: float) -> None:
        headers = {"Accept": "application/json", "X-Load-Run": run}
        if token:
            headers["Authorization"] = f"Token {token}"
        self._timeout_s = timeout_s
        self._client = HTTPClient.from_url(
            origin,
            headers=headers,
            concurrency=CONNECTIONS_MAX,
            block_size=BLOCK_BYTES,
            connection_timeout=timeout_s,
            # One limit for the whole request, set below, instead of one a read: a server that drips would never end.
            network_timeout=None,
        )

    def send(self, request: Request, *, due: float) -> Answer:
        """Send one request and return what became of it. `due` is its intended start, on perf_counter's clock."""
        timeout = gevent.Timeout(self._timeout_s)
        timeout.start()
        try:
            response = self._client.request(
                request.method, request.path, body=request.body or b"", headers=_JSON if request.body else None
            )
            body = bytes(response.read())
        except gevent.Timeout:
            return Answer(status=0, seconds=perf_counter() - due, cause="no answer in time")
        except Exception as error:  # noqa: BLE001  # whatever breaks a connection: the client has a dozen ways to say so
            return Answer(status=0, seconds=perf_counter() - due, cause=f"broken connection: {type(error).__name__}")
        finally:
            timeout.close()
        return _answer(response, body, seconds=perf_counter() - due)


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
