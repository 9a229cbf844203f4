"""The parent's end of one side's process: a question down its pipe, an answer back, one at a time."""

import json
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from reglab.errors import SideError

ANSWER_SECONDS_MAX: Final = 120.0
_EXIT_SECONDS_MAX: Final = 5.0
_CHUNK_BYTES: Final = 65536
# A program that fails ends with others: these are sent, by a person, a CI server, or the kernel when memory runs out.
_FROM_OUTSIDE: Final = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP})


class SideProcess:
    """A child process that loads one side's subject. It ends when this end of the pipe closes."""

    def __init__(self, *, side: str, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.side = side
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the process
        self._rest = b""
        self._sent = 0
        self._answered = 0
        try:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                start_new_session=True,  # Ctrl-C is ours: we say when a side ends
            )
        except OSError as error:
            self._complaints.close()
            raise SideError(side, f"cannot be started: {command[0]}: {error.strerror}") from None

    def ask(self, do: str, **arguments: Any) -> Any:
        """Have the child do one thing and return what it answers. Raises SideError."""
        self.send(do, **arguments)
        while self._answered < self._sent - 1:
            self.answer()  # to a question that Ctrl-C made us forget
        return self.answer()

    def send(self, do: str, **arguments: Any) -> None:
        """Ask without waiting, so that several children can start at once."""
        assert self._process.stdin is not None  # noqa: S101  # for the type checker
        try:
            self._process.stdin.write(json.dumps({"do": do, **arguments}).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise self._ended() from None
        self._sent += 1

    def answer(self, *, seconds_max: float = ANSWER_SECONDS_MAX) -> Any:
        """Wait for the answer to the oldest question that has none. Raises SideError."""
        line = self._line(deadline=time.monotonic() + seconds_max, seconds_max=seconds_max)
        self._answered += 1
        message = json.loads(line)
        if "error" in message:
            raise SideError(self.side, message["error"])
        return message["done"]

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    def kill(self) -> None:
        """End a child that nobody waits for any more, whatever it is doing."""
        self._process.kill()
        self.close()

    def close(self) -> None:
        """End the child: its pipe closes, and where that is not enough it is killed."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None and not stream.closed:
                try:
                    stream.close()
                except OSError:
                    continue
        try:
            self._process.wait(_EXIT_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._complaints.close()

    def _line(self, *, deadline: float, seconds_max: float) -> bytes:
        assert self._process.stdout is not None  # noqa: S101  # for the type checker
        number = self._process.stdout.fileno()
        while b"\n" not in self._rest:
            ready, _, _ = select.select([number], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                self._process.kill()
                raise SideError(self.side, f"did not answer within {seconds_max:.0f} s")
            chunk = os.read(number, _CHUNK_BYTES)
            if not chunk:
                raise self._ended()
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return line

    def _ended(self) -> SideError:
        code = self._process.wait()
        self._complaints.seek(0)
        lines = self._complaints.read().decode(errors="replace").strip().splitlines()
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit {code}"
        return SideError(
            self.side,
            f"{how}: {lines[-1].strip() if lines else 'it said nothing'}",
            is_from_outside=-code in _FROM_OUTSIDE,
        )
