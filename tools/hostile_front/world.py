"""A world in one process: a test target, somebody else's service, and a front before both that turns hostile.

A program that is spoken to in lines of JSON: `open` starts a world and answers its port, `close` ends it and answers
what happened there.
"""

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal
from urllib.parse import parse_qs, urlsplit

from tools.hostile_front.shop import Shop
from tools.hostile_front.signing import Identity

Mode = Literal["sound", "cutover", "connections", "path", "drip", "redirect", "garbage", "brackets", "silence", "empty"]
MODES: Final[tuple[Mode, ...]] = (
    "cutover",
    "connections",
    "path",
    "drip",
    "redirect",
    "garbage",
    "brackets",
    "silence",
    "empty",
)
# The foreign service's rows have every id that a run could think its own.
FOREIGN_ROWS: Final = 2_000
IDENTITY: Final = "/healthz/identity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How the front behaves: soundly for `after` requests, then in its mode.

    `same_software` gives the foreign service the target's own middleware without its key, as production has it;
    without it, the foreign service takes whatever it gets. `path` is what the mode of that name sends elsewhere.
    """

    key: str
    mode: Mode
    after: int
    same_software: bool = True
    path: str = "/api/items/"


@dataclass(slots=True, kw_only=True)
class World:
    """One target, one foreign service, one front, and the list of what was received."""

    plan: Plan
    target: Shop = field(default_factory=Shop)
    foreign: Shop = field(default_factory=Shop)
    before: dict[str, Any] = field(default_factory=dict)
    received: list[str] = field(default_factory=list)
    foreign_requests: int = 0
    foreign_writes: int = 0
    connections: int = 0
    identities: int = 0
    server: asyncio.Server | None = None

    async def open(self) -> int:
        """Fill the foreign service and listen."""
        self.foreign.fill(FOREIGN_ROWS)
        self.before = self.foreign.snapshot()
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=512)
        port: int = self.server.sockets[0].getsockname()[1]
        return port

    def close(self) -> dict[str, Any]:
        """Stop listening and say what happened."""
        if self.server is not None:
            self.server.close()
        now = self.foreign.rows
        touched = [
            f"{table} {row}" for table, rows in self.before.items() for row in rows if now[table].get(row) != rows[row]
        ]
        # A line in somebody else's order changes that order, although its own row is untouched.
        added = [
            item["id"] for item in now["items"].values() if item["id"] > FOREIGN_ROWS and item["order"] <= FOREIGN_ROWS
        ]
        return {
            "plan": asdict(self.plan) | {"key": ""},
            "touched": touched + [f"order of item {row}" for row in added],
            "created": sum(row > FOREIGN_ROWS for rows in now.values() for row in rows),
            "left": sum(len(rows) for rows in self.target.rows.values()),
            "received": self.received,
            "identities": self.identities,
            "foreign_requests": self.foreign_requests,
            "foreign_writes": self.foreign_writes,
        }

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await self._exchange(number, reader, writer):
                pass
        writer.close()

    async def _exchange(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip().split("\r\n")
        method, target, _version = first.split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        signed = headers.get("x-load-request", "")
        self.received.append(signed.rpartition(".")[0] or f"{method} {target.partition('?')[0]}")
        self.identities += target.startswith(IDENTITY)
        is_hostile = len(self.received) > self.plan.after and self._is_elsewhere(number, target)
        answer = self._answer(method, target, signed, body, is_hostile=is_hostile)
        if is_hostile and self.plan.mode not in ("cutover", "connections", "path"):
            return await _say_hostilely(self.plan.mode, answer, writer)
        writer.write(answer)
        await writer.drain()
        return True

    def _is_elsewhere(self, connection: int, target: str) -> bool:
        if self.plan.mode == "sound":
            return False
        if self.plan.mode == "connections":
            return connection % 2 == 0
        if self.plan.mode == "path":
            return target.startswith(self.plan.path)
        return True

    def _answer(self, method: str, target: str, signed: str, body: bytes, *, is_hostile: bool) -> bytes:
        identity = Identity(key=self.plan.key)
        if is_hostile:
            self.foreign_requests += 1
            if self.plan.same_software and signed:
                return _http(421, {"detail": "This load test is meant for another server."})
            if target.startswith(IDENTITY):
                return _http(404, {"detail": "Not found."})
            self.foreign_writes += method != "GET"
            return _http(*_answered(self.foreign, method, target, body))
        if target.startswith(IDENTITY):
            return _http(200, identity.answer(parse_qs(urlsplit(target).query)["nonce"][0]))
        name = identity.request_id(signed) if signed else ""
        if signed and not name:
            return _http(421, {})
        if name:
            target = target.replace("~load", "", 1)
        return _http(*_answered(self.target, method, target, body), proof=identity.proof(name) if name else "")


def _answered(shop: Shop, method: str, target: str, body: bytes) -> tuple[int, Any]:
    if target.startswith("/healthz/"):
        return 200, {}
    return shop.answer(method, target, json.loads(body) if body else None)


def _http(status: int, answer: Any, *, proof: str = "") -> bytes:
    payload = b"" if status == 204 else json.dumps(answer).encode()
    signed = f"X-Load-Proof: {proof}\r\n" if proof else ""
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{signed}Content-Length: {len(payload)}\r\n\r\n"
    return head.encode() + payload


async def _say_hostilely(mode: Mode, answer: bytes, writer: asyncio.StreamWriter) -> bool:
    """Answer as no service should. Returns whether the connection goes on."""
    if mode == "drip":
        for byte in answer:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(1)
        return True
    if mode == "silence":
        await asyncio.sleep(3600)
    said = {
        "redirect": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n",
        "garbage": b"\x00\xff\x13 SSH-2.0-nothing of yours\r\n\r\n",
        "brackets": b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"[" * 200_000,
        "empty": b"",
    }[mode]
    writer.write(said)
    await writer.drain()
    return mode in ("redirect", "brackets")


async def _main() -> None:
    loop = asyncio.get_running_loop()
    worlds: dict[int, World] = {}
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        order = json.loads(line)
        if "open" in order:
            world = World(plan=Plan(**order["open"]))
            port = await world.open()
            worlds[port] = world
            answer: Any = {"port": port}
        else:
            answer = worlds.pop(order["close"]).close()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(_main())
