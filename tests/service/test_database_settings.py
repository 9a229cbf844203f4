"""Settings of the database, from its URL and other variables, in processes of their own."""

from typing import Any

import pytest

from tests.service.environments import python, shown


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://me@%2Fsrv%2FSome%20Folder/shop",
            {"HOST": "/srv/Some Folder", "USER": "me", "NAME": "shop", "PASSWORD": "", "PORT": ""},
        ),
        (
            "postgres://me:p%40ss%2Fword@db.example:6432/shop",
            {"HOST": "db.example", "USER": "me", "NAME": "shop", "PASSWORD": "p@ss/word", "PORT": 6432},
        ),
        ("postgresql://me@[::1]:5432/shop", {"HOST": "::1", "PORT": 5432}),
        ("postgresql:///shop", {"HOST": "", "NAME": "shop"}),
    ],
)
def test_a_database_url_is_decoded(url: str, expected: dict[str, Any]) -> None:
    """Percent-encoded passwords and socket folders, also with capitals, arrive decoded."""
    database = shown("DATABASES", SERVICE_ENVIRONMENT="test", DATABASE_URL=url)["DATABASES"]["default"]
    assert {name: database[name] for name in expected} == expected
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert database["OPTIONS"] == {
        "connect_timeout": 3,
        "tcp_user_timeout": 10_000,
        "options": "-c lock_timeout=5000 -c statement_timeout=10000",
    }


def test_postgresql_is_tuned_through_the_environment() -> None:
    """Persistent connections and time limits are the environment's choice."""
    variables = {
        "DATABASE_URL": "postgresql://me@db/shop",
        "CONN_MAX_AGE": "60",
        "LOCK_TIMEOUT_MS": "2000",
        "STATEMENT_TIMEOUT_MS": "0",
        "DATABASE_CONNECT_TIMEOUT_S": "9",
    }
    database = shown("DATABASES", SERVICE_ENVIRONMENT="test", **variables)["DATABASES"]["default"]
    assert (database["CONN_MAX_AGE"], database["CONN_HEALTH_CHECKS"]) == (60, True)
    assert database["OPTIONS"]["connect_timeout"] == 9
    assert database["OPTIONS"]["options"] == "-c lock_timeout=2000 -c statement_timeout=0"


def test_pgbouncer_gets_no_option_that_it_refuses() -> None:
    """With DISABLE_SERVER_SIDE_CURSORS, as PgBouncer in transaction mode needs it, no start-up option is sent."""
    variables = {"DATABASE_URL": "postgresql://me@db/shop", "DISABLE_SERVER_SIDE_CURSORS": "1"}
    database = shown("DATABASES", SERVICE_ENVIRONMENT="test", **variables)["DATABASES"]["default"]
    assert database["DISABLE_SERVER_SIDE_CURSORS"] is True
    assert "options" not in database["OPTIONS"]


@pytest.mark.parametrize(
    ("limits", "named"),
    [
        (["STATEMENT_TIMEOUT_MS"], "STATEMENT_TIMEOUT_MS cannot"),
        (["LOCK_TIMEOUT_MS", "STATEMENT_TIMEOUT_MS"], "LOCK_TIMEOUT_MS and STATEMENT_TIMEOUT_MS cannot"),
    ],
)
def test_the_pair_that_pgbouncer_refuses_is_refused_at_the_start(limits: list[str], named: str) -> None:
    """A limit of a connection beside PgBouncer is one sentence that says where the limit belongs."""
    variables = {"DATABASE_URL": "postgresql://me@db/shop", "DISABLE_SERVER_SIDE_CURSORS": "1"}
    variables |= dict.fromkeys(limits, "5000")
    done = python("-m", "django", "check", SERVICE_ENVIRONMENT="test", **variables)
    assert done.returncode != 0
    assert f"ImproperlyConfigured: {named}" in done.stderr.splitlines()[-1]
    assert "manage.py limit_statements" in done.stderr.splitlines()[-1]
