"""Tells when a request has arrived whole, so that no thread waits for its client.

It decides nothing but when to begin: gunicorn's parser alone says what the bytes mean. Whatever looks malformed counts
as whole, and is refused by that parser.
"""

from service.server.limits import BODY_BYTES_MAX, HEADER_BYTES_MAX

HEADERS_END = b"\r\n\r\n"
LINE_END = b"\r\n"
HEALTH = (b"GET /healthz/", b"HEAD /healthz/")


class Arrival:
    """The bytes of one request, as they come in."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.is_whole = False
        self.is_too_large = False
        self.expects_continue = False
        self._body_start = 0
        self._body_bytes: int | None = None
        self._chunk_start = 0

    @property
    def has_headers(self) -> bool:
        """Whether the line that ends the headers is here."""
        return self._body_start > 0

    @property
    def is_health_check(self) -> bool:
        """Whether the request asks for the service's health."""
        return self.buffer.startswith(HEALTH)

    def add(self, data: bytes) -> None:
        """Take what the client sent, and look again."""
        self.buffer += data
        if not self.has_headers:
            self._look_for_headers()
        if self.has_headers and not self.is_whole:
            self._look_for_body()

    def _look_for_headers(self) -> None:
        # Empty lines before a request are allowed, and end no headers.
        start = len(self.buffer) - len(self.buffer.lstrip(LINE_END))
        end = self.buffer.find(HEADERS_END, start)
        if end < 0:
            self.is_whole = len(self.buffer) > HEADER_BYTES_MAX
            return
        self._body_start = self._chunk_start = end + len(HEADERS_END)
        self._read_headers(bytes(self.buffer[start:end]))

    def _read_headers(self, headers: bytes) -> None:
        self._body_bytes = 0
        for line in headers.lower().split(LINE_END)[1:]:
            name, _, value = line.partition(b":")
            if name == b"transfer-encoding":
                self._body_bytes = None
                return
            if name == b"content-length" and value.strip().isdigit():
                self._body_bytes = int(value.strip()[:20])
            if name == b"expect":
                self.expects_continue = True

    def _look_for_body(self) -> None:
        arrived = len(self.buffer) - self._body_start
        if self._body_bytes is None:
            self.is_whole = self._has_last_chunk()
            self.is_too_large = not self.is_whole and arrived > BODY_BYTES_MAX
        else:
            self.is_whole = arrived >= self._body_bytes
            self.is_too_large = self._body_bytes > BODY_BYTES_MAX

    def _has_last_chunk(self) -> bool:
        """Step over the chunks that are here; a size that is none counts as the last, for the parser to refuse."""
        while (line_end := self.buffer.find(LINE_END, self._chunk_start)) >= 0:
            text = bytes(self.buffer[self._chunk_start : line_end]).partition(b";")[0].strip()
            try:
                size = int(text, 16)
            except ValueError:
                return True
            if size <= 0:
                # Trailers may follow, and an empty line ends them.
                return self.buffer.find(HEADERS_END, line_end) >= 0
            following = line_end + len(LINE_END) + size + len(LINE_END)
            if following > len(self.buffer):
                return False
            self._chunk_start = following
        return False
