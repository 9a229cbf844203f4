"""An answer measures something only where it has rows of the project's own."""

from reglab.project.drafting.rows_seen import RowsSeen

TOKEN = 'SELECT "knox_authtoken"."key", "auth_user"."id" FROM "knox_authtoken" INNER JOIN "auth_user" ON (1 = 1)'
OWN_TOKEN = 'SELECT "keys_key"."id", "auth_user"."id" FROM "keys_key" INNER JOIN "auth_user" ON (1 = 1)'
USERS = 'SELECT "auth_user"."id" FROM "auth_user"'


def seen(*statements: str, credentials: tuple[str, ...] = ()) -> int:
    rows = RowsSeen(is_logged_in=True, credentials=credentials)
    for sql in statements:
        rows.note(sql, [(1, 1)])
    return rows.count


def test_the_row_that_says_who_asks_is_none_of_the_answer() -> None:
    """Read with the user's own table, or with that of a token: an empty list behind a token shows no rows."""
    assert seen(USERS) == 0
    assert seen(TOKEN) == 0
    assert seen(OWN_TOKEN, credentials=("keys_key",)) == 0


def test_a_further_row_of_a_user_is_one_of_the_answer() -> None:
    """The log-in takes one row, and no more."""
    assert seen(TOKEN, USERS) == 1
    assert seen(OWN_TOKEN, OWN_TOKEN, credentials=("keys_key",)) == 1
    assert seen(OWN_TOKEN) == 1
