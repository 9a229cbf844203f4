"""A server that does nothing, fast: what is measured against it is the load generator alone. A program: PORT_FILE."""

import asyncio
import json
import os
import socket
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tools.hostile_front.signing import Identity

NEXT_ID = iter(range(1, 10_000_000))
IDENTITY = Identity(key=os.environ["LOADTEST_KEY"])


def answer(method: str, path: str) -> bytes:
    """Return the JSON of one answer."""
    if path.startswith("/healthz/identity"):
        return json.dumps(IDENTITY.answer(parse_qs(urlsplit(path).query)["nonce"][0])).encode()
    if method == "POST":
        return b'{"id": %d}' % next(NEXT_ID)
    return b'{"results": [], "next": null}'


class Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        """Answer each request whose head and body are complete."""
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, rest = self.buffer.partition(b"\r\n\r\n")
            length, proof = 0, b""
            for line in head.split(b"\r\n")[1:]:
                if line.lower().startswith(b"content-length:"):
                    length = int(line[15:])
                elif line.lower().startswith(b"x-load-request:"):
                    name = IDENTITY.request_id(line[15:].strip().decode())
                    proof = f"X-Load-Proof: {IDENTITY.proof(name)}\r\n".encode()
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            method, path, _version = head.split(b"\r\n", 1)[0].decode().split(" ")
            body = answer(method, path)
            status = b"201 Created" if method == "POST" else b"200 OK"
            self.transport.write(  # type: ignore[attr-defined]  # a stream's transport
                b"HTTP/1.1 %s\r\n%sContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                % (status, proof, len(body), body)
            )


async def serve(listener: socket.socket) -> None:
    """Serve until killed."""
    server = await asyncio.get_running_loop().create_server(Connection, sock=listener)
    await server.serve_forever()


if __name__ == "__main__":
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as bound:
        Path(sys.argv[1]).write_text(str(bound.getsockname()[1]), encoding="ascii")
        asyncio.run(serve(bound))
