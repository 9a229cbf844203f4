"""SQLite's oracle says nothing where an index begins with the predicate's columns, whichever way the planner goes."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.backends.sqlite3.base import DatabaseWrapper

from reglab.counters.queries import StatementGroup
from reglab.counters.scans.sqlite import SqliteExplainer
from reglab.project.statements import shape_of

pytestmark = pytest.mark.django_db
TABLES = """
CREATE TABLE page (id integer PRIMARY KEY, owner_id integer, locale integer, depth integer, is_open bool);
CREATE INDEX page_owner_locale ON page (owner_id, locale);
CREATE INDEX page_deep ON page (depth) WHERE depth > 3;
"""


@pytest.fixture
def explainer() -> Iterator[SqliteExplainer]:
    """A database of its own, in memory."""
    options: dict[str, Any] = {
        "NAME": ":memory:",
        "OPTIONS": {},
        "TIME_ZONE": None,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
    }
    connection = DatabaseWrapper({**options, "AUTOCOMMIT": True, "ATOMIC_REQUESTS": False}, alias="oracle")
    connection.connection = sqlite3.connect(":memory:")
    connection.connection.executescript(TABLES)
    yield SqliteExplainer(connection)
    connection.connection.close()


@pytest.mark.parametrize(
    ("predicate", "columns"),
    [
        ('"page"."owner_id" IS NOT NULL', ()),
        ('"page"."locale" + 0 = 1 AND "page"."owner_id" + 0 = 1', ()),
        ('"page"."locale" = 1', (("locale",),)),
        ('"page"."depth" = 1', (("depth",),)),
        ('"page"."locale" = "page"."depth"', ((),)),
        ('NOT ("page"."locale" = ("page"."depth") AND "page"."locale" IS NOT NULL) AND "page"."is_open"', ((),)),
        ('"page"."locale" = "page"."depth" AND "page"."depth" + 0 = 1', (("depth",),)),
        ('"page"."owner_id" = 1 AND "page"."id" IN (SELECT DISTINCT U0."locale" FROM "page" U0)', ((),)),
    ],
)
def test_an_index_that_is_there_is_not_advised(
    explainer: SqliteExplainer, predicate: str, columns: tuple[tuple[str, ...], ...]
) -> None:
    """Two columns in any order; the second column alone, and an index of some rows alone, serve nothing.

    What compares columns of one row, and what a statement inside selects, is nothing to index: the whole table is read.
    """
    sql = f'SELECT "page"."id" FROM "page" WHERE {predicate}'  # noqa: S608  # of this test
    group = StatementGroup(
        alias="oracle", shape=shape_of(sql), sql=sql, parameters=None, count=1, source="", frames=(), sources=()
    )
    assert tuple(scan.columns for scan in explainer.scans(group)) == columns


@pytest.mark.parametrize(
    ("predicate", "advice"),
    [
        ('"page"."locale" LIKE 1 OR "page"."depth" LIKE 1', "a full-text table of depth, locale would"),
        ('"page"."locale" LIKE 1 AND "page"."depth" = 1', "an index beginning with depth would; none serves LIKE"),
        ('"page"."depth" <> 1', "no index serves <>"),
        ('"page"."depth" = 1', "an index beginning with depth would"),
    ],
)
def test_no_plain_index_is_advised_for_a_search(explainer: SqliteExplainer, predicate: str, advice: str) -> None:
    """SQLite's LIKE disregards case, and most begin with a wildcard."""
    sql = f'SELECT "page"."id" FROM "page" WHERE {predicate}'  # noqa: S608  # of this test
    group = StatementGroup(
        alias="oracle", shape=shape_of(sql), sql=sql, parameters=None, count=1, source="", frames=(), sources=()
    )
    (scan,) = explainer.scans(group)
    assert advice in scan.evidence(group).text
