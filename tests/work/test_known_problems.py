"""Known problems end to end: a first audit keeps what it finds, later ones fail for what is new alone."""

import json
from pathlib import Path

import pytest

from tests.work.test_any_project import audit, shop

__all__ = ["shop"]


def plant(shop: Path, before: str, after: str) -> None:
    views = shop / "catalogue" / "views.py"
    text = views.read_text()
    assert before in text
    views.write_text(text.replace(before, after))


@pytest.mark.slow
def test_known_problems_pass_and_new_ones_fail(shop: Path) -> None:
    """The shop's N+1 and its trigger are notes in two fresh processes; a query more is a failure, with its line."""
    first = audit(shop, "--accept", "The shop as it is", "--known")
    assert first.returncode == 0, first.stdout + first.stderr
    known = json.loads((shop / "shop-ledger" / "known.json").read_text())["known"]
    assert {cause.partition(":")[0] for cause in known} == {"growth-law", "indexes-accepted", "writes-inside-contract"}
    for seed in ("1", "2"):
        again = audit(shop, PYTHONHASHSEED=seed)
        assert again.returncode == 0, again.stdout
    listed = audit(shop, "--known")
    assert listed.returncode == 0
    assert "catalogue/views.py:17 in books" in listed.stdout
    plant(shop, 'Book.objects.order_by("pk")', 'Book.objects.filter(pk__gt=Book.objects.count() * 0).order_by("pk")')
    worse = audit(shop)
    assert worse.returncode == 1, worse.stdout
    assert "queries-accepted" in worse.stdout


@pytest.mark.slow
def test_an_empty_reason_is_refused(shop: Path) -> None:
    """Nothing is accepted without a reason; the ledger is not touched."""
    done = audit(shop, "--accept", " ")
    assert done.returncode == 2
    assert '--accept "why"' in done.stderr
    assert not (shop / "shop-ledger").exists()


@pytest.mark.slow
def test_an_audit_without_a_ledger_is_inconclusive(shop: Path) -> None:
    """Where nothing was ever accepted nothing is proven: no failure of the change, and no pass."""
    done = audit(shop, "--only", "authors")
    assert done.returncode == 3, done.stdout
    assert "there is no ledger" in done.stdout
