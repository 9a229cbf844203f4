"""The catalogue: complete, and strict about what is written in it."""

from collections import Counter
from pathlib import Path

import pytest

from tools.planted.catalogue import (
    HERE,
    CatalogueError,
    everything_planted,
    neutral_changes,
    regressions,
    shown_changes,
)
from tools.planted.copies import PatchError, apply, planted_copy, planted_project

AT_LEAST = {
    "queries": 15,
    "plans": 8,
    "writes": 10,
    "payload": 4,
    "cpu-memory": 6,
    "time": 4,
    "concurrency": 4,
    "load": 4,
    "correctness": 5,
    "access": 12,
    "injection": 6,
    "atomicity": 8,
    "migrations": 8,
    "limits": 8,
    "variants": 8,
    "leaks": 6,
}
ENTRY = """[[regression]]
name = "lost-prefetch"
category = "queries"
title = "Simplify the list"
only = "list-orders"

[regression.finding]
rule = "growth-law"
endpoint = "GET /api/orders/"
metric = "growth_exponent"
says = ["queries"]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "regressions.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_category_has_its_share() -> None:
    """There are at least 150 regressions, at least so many of each category, and at least 60 neutral changes."""
    counts = Counter[str](entry.category for entry in regressions())
    assert all(counts[category] >= count for category, count in AT_LEAST.items()), counts
    assert counts.total() >= 150
    assert len(neutral_changes()) >= 60


def test_the_bug_of_the_seed_comes_first_among_the_writes() -> None:
    """What started this project heads its category."""
    assert next(entry for entry in regressions() if entry.category == "writes").name == "cancel-deletes-the-customer"


def test_every_patch_is_in_the_catalogue() -> None:
    """A patch that no entry names would be applied by nobody."""
    named = {entry.patch for entry in (*everything_planted(), *shown_changes())}
    assert set(HERE.glob("*/*.patch")) == named - {None}


def test_every_patch_fits_and_touches_the_service_alone(tmp_path: Path) -> None:
    """Each patch applies to the present service, and neither the harness nor the tests are in any."""
    copy = planted_copy(tmp_path / "copy")
    for entry in everything_planted():
        if entry.patch is not None:
            apply(entry.patch, copy, only_check=True)
            touched = [line[6:] for line in entry.patch.read_text(encoding="utf-8").splitlines() if line[:5] == "+++ b"]
            assert all(name.startswith("service/") for name in touched), entry.name


def test_every_change_that_shows_a_rule_fits(tmp_path: Path) -> None:
    """Each of them applies to the present project; it may touch the suite, the pairs and the load as well."""
    project = planted_project(tmp_path / "project")
    for entry in shown_changes():
        apply(entry.patch, project, only_check=True)


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ('category = "queries"', 'category = "querys"', "regressions.toml:3: regression.0.category: Input should be"),
        ('title = "Simplify the list"\n', "", "regressions.toml:1: regression.0.title: Field required"),
        ("only =", "onyl =", "regressions.toml:1: regression.0.only: Field required"),
        ('"growth_exponent"', '"growth"', "regressions.toml:7: regression.0.finding: no metric is called 'growth'"),
        (
            'says = ["queries"]',
            "says = []",
            "regressions.toml:11: regression.0.finding.says: Tuple should have at least 1",
        ),
        ('"lost-prefetch"', '"no-such-patch"', "regressions.toml:2: no-such-patch: "),
        ('only = "list-orders"', 'only = "smoke"\ninstrument = "load"', "regressions.toml:2: lost-prefetch: "),
        ("[[regression]]", "[[regression", "regressions.toml: cannot be read: "),
    ],
)
def test_a_mistake_is_one_line_with_its_place(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    """A misspelt, missing or empty key, an unknown metric and a patch that is not there say file, line and key."""
    path = written(tmp_path, ENTRY.replace(before, after))
    with pytest.raises(CatalogueError) as raised:
        regressions(path)
    said = str(raised.value)
    assert said.removeprefix(f"{tmp_path}/").startswith(complaint)
    assert "\n" not in said


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    """The second entry of a name is refused: its results could not be told from the first one's."""
    with pytest.raises(CatalogueError, match=r":14: lost-prefetch: the name is taken"):
        regressions(written(tmp_path, f"{ENTRY}\n{ENTRY}"))


def test_a_patch_that_does_not_fit_is_named(tmp_path: Path) -> None:
    """A patch that was made for another service is refused as a whole, with the place where it fails."""
    copy = planted_copy(tmp_path / "copy")
    patch = tmp_path / "old.patch"
    patch.write_text(
        "--- a/service/wsgi.py\n+++ b/service/wsgi.py\n@@ -1 +1 @@\n-what was there\n+what is there\n", encoding="utf-8"
    )
    with pytest.raises(PatchError, match=r"old\.patch: does not fit the service any more: .*service/wsgi\.py:1"):
        apply(patch, copy)
