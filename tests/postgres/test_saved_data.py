"""A server that begins as a copy of another's data has what that one had, and the original goes on."""

from pathlib import Path

from reglab.postgres.connection import connected, run
from reglab.postgres.server import Server


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
