"""The client around a load: one deadline for all of an answer, no answer without proof, no token before one."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from reglab.config.targets import Target
from reglab.errors import LoadTestError, UnsafeTargetError
from reglab.load.target.http_client import Api
from reglab.load.target.identity import prove
from reglab.load.target.proof import Proof, guarded_path
from reglab.load.target.tripwire import Tripwire
from tools.hostile_front.signing import Identity

KEY = "a-key-that-only-these-tests-know"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
BRACKETS = b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"[" * 200_000


@contextmanager
def server(answer: Callable[[socket.socket, bytes], None]) -> Iterator[tuple[str, list[bytes]]]:
    """Serve one answer a connection; gives the origin and the heads of what was received."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    received.append(connection.recv(65_536))
                    answer(connection, received[-1])

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", received
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def proof() -> Proof:
    """Return the proof of a target that has proven itself."""
    return Proof(key=KEY, environment="test", place="here", revision="first")


def target(origin: str) -> Target:
    """Return the allowlist's entry of an origin."""
    return Target(origin=origin, environment="test", rate_rps_max=10, seconds_max=10, writes_max=10)


def drip(connection: socket.socket, _: bytes) -> None:
    """Send a byte every tenth of a second, for ever."""
    try:
        for byte in OK + b"x" * 1000:
            connection.send(bytes([byte]))
            time.sleep(0.1)
    except OSError:
        return


def test_a_dripping_answer_ends_at_the_total_deadline() -> None:
    """A byte now and then keeps no request alive beyond its deadline, and is no answer at all."""
    with server(drip) as (origin, _):
        begun = time.monotonic()
        with closing(Api(origin=origin, deadline_s=0.5)) as api, pytest.raises(LoadTestError, match=r"within 0\.5 s"):
            api.request("GET", "/")
    # Far below the 100 s that the answer would take: what the machine does beside does not matter.
    assert time.monotonic() - begun < 50


@pytest.mark.parametrize(
    "answer",
    [OK, BRACKETS, b"SSH-2.0-other\r\n\r\n", b"HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"],
    ids=["unsigned", "brackets", "garbage", "redirect"],
)
def test_the_first_answer_without_proof_is_the_last(answer: bytes, tmp_path: Path) -> None:
    """Whatever it says: afterwards neither this client nor another of the same run sends anything."""
    with (
        server(lambda connection, _: connection.sendall(answer)) as (origin, received),
        closing(Api(origin=origin, proof=proof(), tripwire=Tripwire.of_run(tmp_path), deadline_s=20)) as api,
        closing(Api(origin=origin, proof=proof(), tripwire=Tripwire.of_run(tmp_path), deadline_s=20)) as other,
    ):
        with pytest.raises(UnsafeTargetError):
            api.request("GET", "/api/orders/")
        for client in (api, other):
            with pytest.raises(UnsafeTargetError, match="nothing more is sent"):
                client.request("DELETE", "/api/orders/1/")
            with pytest.raises(UnsafeTargetError, match="nothing more is sent"):
                client.get("/api/orders/1/")
    assert len(received) == 1


@pytest.mark.parametrize("answer", [BRACKETS, b"SSH-2.0-other\r\n\r\n", OK], ids=["brackets", "garbage", "empty"])
def test_an_identity_that_is_none_is_one_sentence(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """200,000 brackets, garbage, an empty object: refused as unsafe, without a traceback and without a token."""
    monkeypatch.setenv("LOADTEST_KEY", KEY)
    with (
        server(lambda connection, _: connection.sendall(answer)) as (origin, received),
        pytest.raises(UnsafeTargetError),
    ):
        prove(target(origin), deadline_s=20)
    assert b"uthorization" not in received[0]


def test_no_token_is_sent_without_a_proof() -> None:
    """A client that has no proof sends no token, whoever gave it one; with a proof it does."""
    with server(lambda connection, _: connection.sendall(OK)) as (origin, received):
        with closing(Api(origin=origin, token="secret", deadline_s=20)) as api:
            api.request("GET", "/")
        signed = Api(origin=origin, token="secret", proof=proof(), deadline_s=20)
        with closing(signed), pytest.raises(UnsafeTargetError):
            signed.request("GET", "/")
    assert b"secret" not in received[0]
    assert b"Token secret" in received[1]


def test_another_database_behind_the_same_key_is_another_target(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that proves the key, but from another place than before, is refused."""
    monkeypatch.setenv("LOADTEST_KEY", KEY)

    def answer(connection: socket.socket, head: bytes) -> None:
        nonce = head.split(b"nonce=")[1].split(b" ")[0].decode()
        body = str(Identity(key=KEY, place="elsewhere").answer(nonce)).replace("'", '"').encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    with server(answer) as (origin, _):
        assert prove(target(origin), deadline_s=20).place == "elsewhere"
        with pytest.raises(UnsafeTargetError, match="another database"):
            prove(target(origin), expected=proof(), deadline_s=20)


def test_an_answer_proves_one_request_only() -> None:
    """A proof of one request, as a cache would repeat it, does not fit another; nor does a changed one."""
    mine, identity = proof(), Identity(key=KEY)
    first, header = mine.next_request()
    second, _ = mine.next_request()
    assert identity.request_id(header) == first
    assert mine.revision_of(first, identity.proof(first)) == "first"
    assert mine.revision_of(second, identity.proof(first)) is None
    assert mine.revision_of(first, identity.proof(first).replace("first", "other")) is None
    for hostile in (None, "", " ", "é" * 70, "x " * 400, ["a", "b"]):
        assert mine.revision_of(first, hostile) is None


def test_a_write_has_a_path_of_its_own() -> None:
    """What writes is sent to a path that no server has but the proven target; what reads is not."""
    assert guarded_path("POST", "/api/orders/1/cancel/?now=1") == "/api/orders/1/cancel/~load?now=1"
    assert guarded_path("GET", "/api/orders/?page=2") == "/api/orders/?page=2"
