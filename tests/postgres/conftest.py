"""Servers, folders and owner processes for the tests of the supervisor: all of them real."""

from collections.abc import Iterator
from functools import partial

import pytest

from reglab.postgres.server import Server
from tests.postgres.owners import Owner, is_gone, wait_until


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A throw-away server with the measuring settings, shared by the tests that leave it as it was."""
    with Server.throwaway() as running:
        yield running


@pytest.fixture
def owners() -> Iterator[list[Owner]]:
    """A list to put owner processes in: those still alive are killed in the end, and their servers waited for."""
    started: list[Owner] = []
    yield started
    for owner in started:
        owner.kill()
    for owner in started:
        pid = owner.facts["pid"]
        wait_until(partial(is_gone, pid), what=f"server {pid} to end with its owner")
