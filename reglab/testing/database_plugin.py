"""A throw-away PostgreSQL for a test session without DATABASE_URL; `postgres` tests are skipped on other databases."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from reglab.errors import ServerError
from reglab.postgres.database_url import DATABASE_NAME, NO_SERVER_URL, VARIABLE, configured_url, described
from reglab.postgres.server import Server

HEADER_KEY = pytest.StashKey[str]()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser, args: list[str]) -> Iterator[Any]:
    """Start the server before pytest-django loads the settings: a wrapper runs before any other hook."""
    os.environ.setdefault("SERVICE_ENVIRONMENT", "test")
    url = configured_url()
    if url is not None:
        # Set by the user, or inherited by a worker of pytest-xdist from the session that owns the server.
        early_config.stash[HEADER_KEY] = f"database: {described(url)} ({VARIABLE})"
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
    config.stash[HEADER_KEY] = f"database: a PostgreSQL of this session's own (process {server.pid})"
    _set_url(config, url)


def _set_url(config: pytest.Config, url: str) -> None:
    os.environ[VARIABLE] = url
    config.add_cleanup(_unset_url)


def _unset_url() -> None:
    os.environ.pop(VARIABLE, None)
