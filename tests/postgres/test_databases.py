"""URLs that everybody reads alike, and databases that are true copies of their template."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from environs import Env

from reglab.postgres import databases
from reglab.postgres.server import Server


@pytest.fixture
def template(server: Server) -> Iterator[str]:
    """The name of a frozen database with a table of 1,000 rows."""
    name = f"template_{uuid4().hex}"
    with closing(psycopg.connect(server.create_database(name), autocommit=True)) as connection:
        connection.execute("CREATE TABLE things (id integer PRIMARY KEY, name text)")
        connection.execute("INSERT INTO things SELECT n, 'thing ' || n FROM generate_series(1, 1000) AS n")
    server.freeze_database(name)
    yield name
    server.drop_database(name)


@pytest.fixture
def clone(server: Server, template: str) -> Iterator[str]:
    """The URL of a copy of the template."""
    name = f"clone_{uuid4().hex}"
    yield server.create_database(name, template=template)
    server.drop_database(name)


def answer(url: str, query: str) -> list[tuple[object, ...]]:
    with closing(psycopg.connect(url, autocommit=True)) as connection:
        return connection.execute(query.encode()).fetchall()


DIGEST = "SELECT count(*), md5(string_agg(id || name, ',' ORDER BY id)) FROM things"
PHYSICAL = "SELECT relpages, reltuples, relallvisible, relfrozenxid FROM pg_class WHERE relname = 'things'"


def test_django_reads_the_socket_url(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings' reader decodes the socket's folder into Django's HOST."""
    monkeypatch.setenv("DATABASE_URL", server.url("orders"))
    config = Env().dj_db_url("DATABASE_URL")
    assert config["HOST"] == str(server.endpoint.socket_folder)
    assert (config["ENGINE"], config["NAME"], config["USER"]) == ("django.db.backends.postgresql", "orders", "postgres")


def test_psycopg_reads_the_socket_url(server: Server) -> None:
    """The driver reaches the database that the URL names, however odd its name."""
    name = "odd name/with?signs"
    url = server.create_database(name)
    assert answer(url, "SELECT current_database()") == [(name,)]
    server.drop_database(name)


def test_capital_letters_of_the_folder_survive() -> None:
    """The URL of another database differs in the name alone, in the letters' case too."""
    url = "postgresql://me:secret@%2FTmp%2FFolder:5433/one?sslmode=disable"
    assert databases.url_of_database(url, "two") == "postgresql://me:secret@%2FTmp%2FFolder:5433/two?sslmode=disable"


def test_a_clone_has_the_templates_rows(server: Server, template: str, clone: str) -> None:
    """A clone answers as its template does."""
    assert answer(clone, DIGEST) == answer(server.url(template), DIGEST)


def test_a_clone_has_the_templates_blocks_and_statistics(server: Server, template: str, clone: str) -> None:
    """The planner sees the same pages, rows and frozen state in a clone: the plans are the same."""
    assert answer(clone, PHYSICAL) == answer(server.url(template), PHYSICAL)
    assert answer(clone, PHYSICAL)[0][1] == 1000


def test_a_clone_is_independent(server: Server, template: str, clone: str) -> None:
    """What is written to a clone stays there."""
    before = answer(server.url(template), DIGEST)
    with closing(psycopg.connect(clone, autocommit=True)) as connection:
        connection.execute("DELETE FROM things")
    assert answer(server.url(template), DIGEST) == before


def test_drop_ends_connections(server: Server) -> None:
    """A forgotten connection does not keep a database from being dropped."""
    name = f"dropped_{uuid4().hex}"
    with closing(psycopg.connect(server.create_database(name))):
        server.drop_database(name)
    assert not databases.has_database(server.url(), name)


def test_dropping_a_missing_database_is_no_error(server: Server) -> None:
    """Cleaning up twice is harmless."""
    server.drop_database("never_created")


def test_ensure_keeps_what_is_there(server: Server) -> None:
    """`ensure_database` creates once and then leaves the database alone."""
    name = f"ensured_{uuid4().hex}"
    with closing(psycopg.connect(server.ensure_database(name), autocommit=True)) as connection:
        connection.execute("CREATE TABLE kept ()")
    assert answer(server.ensure_database(name), "SELECT count(*) FROM kept") == [(0,)]
    server.drop_database(name)


def test_the_path_of_the_socket_fits(server: Server) -> None:
    """The socket's path is within what the kernel takes."""
    sockets = [path for path in Path(server.endpoint.socket_folder).iterdir() if path.is_socket()]
    assert len(sockets) == 1
    assert len(bytes(sockets[0])) <= 107
