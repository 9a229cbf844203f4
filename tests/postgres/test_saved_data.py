"""A server that begins as a copy of another's data has what that one had, and the original goes on."""

import shutil
from pathlib import Path

import pytest

from reglab.postgres.connection import connected, run
from reglab.postgres.server import Server
from reglab.project.data.migrated import folder_of_present_migrations, present_migrations, server_with_migrations


def test_a_copy_has_the_databases_of_the_original(tmp_path: Path) -> None:
    """Rows that were written before the copy are in both; the server that was copied answers again."""
    saved = tmp_path / "saved"
    with Server.throwaway() as server:
        with connected(server.create_database("kept")) as connection:
            run(connection, "CREATE TABLE thing AS SELECT 7 AS number")
        server.save_data(saved)
        assert server.ensure_database("kept")
    with Server.throwaway(data=saved) as copy, connected(copy.url("kept")) as connection:
        assert run(connection, "SELECT number FROM thing") == [(7,)]


def test_half_a_copy_is_not_begun_with(tmp_path: Path) -> None:
    """Where a copy is being removed, or a kill left a half of it, the server is an empty one, and says so."""
    saved = tmp_path / "saved"
    with Server.throwaway() as server:
        server.save_data(saved)
        # Saved by two runs at once: the first copy stays, and nothing lies beside it.
        server.save_data(saved)
    assert [one.name for one in tmp_path.iterdir()] == ["saved"]
    shutil.rmtree(saved / "global")
    with Server.throwaway(data=saved) as copy:
        assert not copy.began_with_copy
        assert copy.ensure_database("kept")


def test_half_a_copy_of_migrated_databases_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run that meets it migrates anew, and the next run does not meet it again."""
    monkeypatch.setenv("REGLAB_CACHE", str(tmp_path))
    kept = folder_of_present_migrations()
    assert kept is not None
    (kept / "base").mkdir(parents=True)
    with server_with_migrations():
        databases = present_migrations()
        assert databases is not None
        assert not databases.is_there
        assert [*kept.parent.iterdir()] == []
        databases.keep()
    with server_with_migrations():
        databases = present_migrations()
        assert databases is not None
        assert databases.is_there
