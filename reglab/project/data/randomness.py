"""Seeded chance: what code draws from `random`, `secrets`, `uuid` and `os.urandom` is the same at every execution.

Not reached: `from os import urandom` at import time, generators of C libraries (bcrypt, cryptography, numpy), and the
database's own. What still differs then disagrees with itself, and is kept as unstable.
"""

import hashlib
import os
import random
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from unittest import mock

# Of different seeds, so that a request never draws the token that the data hold already.
DATASET: Final = "dataset"
EXECUTION: Final = "execution"
_NODE: Final = 0x0242AC110002


@contextmanager
def seeded(purpose: str) -> Iterator[None]:
    """Let chance in this process begin anew, from the seed of a purpose, and put it back as it was in the end."""
    stream = _Stream(purpose)
    state = random.getstate()
    with ExitStack() as stack:
        stack.callback(random.setstate, state)
        stack.enter_context(mock.patch.object(os, "urandom", stream))
        # `secrets` and random.SystemRandom hold a reference of their own.
        stack.enter_context(mock.patch.object(random, "_urandom", stream))
        stack.enter_context(mock.patch.object(random.Random, "seed", _seed_from(stream)))
        for name, value in _UUID_STATE.items():
            if hasattr(uuid, name):
                stack.enter_context(mock.patch.object(uuid, name, value))
        stack.enter_context(mock.patch.object(tempfile, "_name_sequence", None))
        random.seed(purpose)
        yield


# uuid1 asks the system for time and node where it may; the last two keep what was drawn before.
_UUID_STATE: Final[dict[str, Any]] = {
    "_generate_time_safe": None,
    "_UuidCreate": None,
    "_last_timestamp": None,
    "_node": _NODE,
}


class _Stream:
    """Bytes that look random and follow from a text alone."""

    def __init__(self, seed: str) -> None:
        # XOF: as many bytes as are asked for, from one state.
        self._seed = seed.encode()
        self._drawn = 0

    def __call__(self, size: int) -> bytes:
        self._drawn += 1
        return hashlib.shake_128(self._seed + self._drawn.to_bytes(8, "big")).digest(size)


def _seed_from(stream: _Stream) -> Any:
    original = random.Random.seed

    def seed(self: random.Random, a: Any = None, version: int = 2) -> None:
        # Without a seed the generator asks the system itself, past os.urandom.
        original(self, stream(16) if a is None else a, version)

    return seed
