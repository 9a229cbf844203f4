"""Merging the matrix of access: both branches' endpoints are kept, in whatever order they are merged."""

import tomllib
from pathlib import Path

import pytest

from reglab.errors import AuditError
from reglab.work.ledger.merge_tables import merged_tables

PATH = Path("access.toml")
BASE = """# Head.
why = "First"
exposed = ["/a/"]

[answers]
"get-a" = { "nobody" = "401", "user" = "200" }
"get-z" = { "nobody" = "401" }
"""
NEW_B = BASE.replace('"First"', '"B is new"').replace('"get-z"', '"get-b" = { "nobody" = "401" }\n"get-z"')
NEW_C = BASE.replace('"First"', '"C is new"').replace('"get-z"', '"get-c" = { "user" = "403" }\n"get-z"')


def test_both_branches_endpoints_are_kept_in_any_order() -> None:
    """Two lines at one place, and two reasons: all of it, and the same text whichever side comes first."""
    one, no_conflicts = merged_tables(BASE, NEW_B, NEW_C, path=PATH)
    other, _ = merged_tables(BASE, NEW_C, NEW_B, path=PATH)
    assert (one, no_conflicts) == (other, ())
    merged = tomllib.loads(one)
    assert merged["why"] == "B is new; C is new"
    assert list(merged["answers"]) == ["get-a", "get-b", "get-c", "get-z"]
    assert one.startswith("# Head.\n")


def test_what_one_side_removed_is_gone() -> None:
    """A URL that one branch closed does not come back with the other's."""
    ours = BASE.replace('["/a/"]', "[]")
    theirs = BASE.replace('["/a/"]', '["/a/", "/b/"]')
    merged, _ = merged_tables(BASE, ours, theirs, path=PATH)
    assert tomllib.loads(merged)["exposed"] == ["/b/"]


def test_one_cell_that_both_changed_conflicts_there_alone() -> None:
    """The cell is named, ours stands, and all else is merged."""
    ours, theirs = NEW_B.replace('"user" = "200"', '"user" = "403"'), NEW_C.replace('"user" = "200"', '"user" = "404"')
    merged, conflicts = merged_tables(BASE, ours, theirs, path=PATH)
    assert conflicts == ("answers get-a user",)
    assert tomllib.loads(merged)["answers"]["get-a"]["user"] == "403"


def test_markers_of_an_earlier_merge_are_named() -> None:
    """A file that nobody has resolved is not merged again."""
    with pytest.raises(AuditError, match=r"access\.toml:1: has conflict markers of git"):
        merged_tables(BASE, f"<<<<<<< ours\n{BASE}", BASE, path=PATH)


def test_statements_of_a_caller_are_no_set() -> None:
    """A list that holds one statement twice says how often it was sent: changed on both sides, it is a conflict."""
    base = BASE + '\n[statements.user]\n"get-a" = ["aa"]\n'
    ours, theirs = base.replace('["aa"]', '["aa", "aa"]'), base.replace('["aa"]', '["aa", "bb"]')
    _, conflicts = merged_tables(base, ours, theirs, path=PATH)
    assert conflicts == ("statements user get-a",)
    merged, none = merged_tables(base, ours, base, path=PATH)
    assert tomllib.loads(merged)["statements"]["user"]["get-a"] == ["aa", "aa"]
    assert none == ()
