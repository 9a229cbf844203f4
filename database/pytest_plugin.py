"""Gives a test session a throw-away PostgreSQL when DATABASE_URL is unset; skips `postgres` tests on other databases."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest

from database.errors import ServerError
from database.server import Server

DATABASE_NAME = "orders"
# Lets settings load where no test will run. Nothing answers there: whoever connects all the same is told.
NO_SERVER_URL = "postgresql://postgres@%2Fno-server-for-this-option:5432/orders"
HEADER_KEY = pytest.StashKey[str]()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> Iterator[Any]:
    """Start the server before pytest-django loads the settings: a wrapper runs before every plain hook, first or not."""
    os.environ.setdefault("SERVICE_ENVIRONMENT", "test")
    if os.environ.get("DATABASE_URL"):
        # Set by the user, or inherited by a worker of pytest-xdist from the session that owns the server.
        early_config.stash[HEADER_KEY] = _described(os.environ["DATABASE_URL"])
    elif _runs_tests(parser, args):
        _start_server(early_config)
    else:
        _set_url(early_config, NO_SERVER_URL)
    return (yield)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say which database the tests use."""
    return config.stash.get(HEADER_KEY, None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a test marked `postgres`, and say so, where the database is another."""
    if item.get_closest_marker("postgres") is None:
        return
    from django.db import connection

    if connection.vendor != "postgresql":
        pytest.skip(f"needs PostgreSQL; DATABASE_URL names {connection.vendor}")


def _runs_tests(parser: pytest.Parser, args: list[str]) -> bool:
    options = parser.parse_known_args(args)
    return not (options.help or options.version or options.collectonly)


def _start_server(config: pytest.Config) -> None:
    stack = ExitStack()
    # Runs at the end of every session that gets here: a usage error, an internal error and Ctrl-C included.
    config.add_cleanup(stack.close)
    try:
        server = stack.enter_context(Server.throwaway())
        url = server.create_database(DATABASE_NAME)
    except ServerError as error:
        raise pytest.UsageError(str(error)) from error
    config.stash[HEADER_KEY] = f"database: PostgreSQL of this session's own, process {server.pid}"
    _set_url(config, url)


def _set_url(config: pytest.Config, url: str) -> None:
    os.environ["DATABASE_URL"] = url
    config.add_cleanup(lambda: os.environ.pop("DATABASE_URL", None))


def _described(url: str) -> str:
    parts = urlsplit(url)
    # Never the user or the password.
    return f"database: {parts.scheme} at {parts.hostname or 'a file'} (DATABASE_URL)"
