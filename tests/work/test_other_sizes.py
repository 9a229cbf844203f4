"""Sizes that are asked for beside the suite's own: held against the laws of growth, and against no ledger."""

from pathlib import Path

import pytest

from reglab.cli import main
from reglab.config.suite import read_suite
from reglab.errors import AuditError
from reglab.project.data.dataset_sizes import points_of
from tests.work.test_any_project import audit, shop
from tests.work.test_known_problems import plant

__all__ = ["shop"]

SUITE = Path(__file__).parents[1] / "projects" / "shop" / "shop.toml"


def test_one_further_size_stands_in_place_of_the_suites() -> None:
    """The base stays, since other axes step away from it."""
    assert [point.variant for point in points_of(read_suite(SUITE).at({"books": 400}).suite.axes)] == [
        "books=4",
        "books=400",
    ]


def test_a_size_of_the_suite_is_no_other_one() -> None:
    """The ledger has it, so it is held against the ledger."""
    assert read_suite(SUITE).at({"books": 16}).other_sizes == frozenset()


def test_an_axis_that_is_none_is_told_with_the_nearest() -> None:
    """A slip of the finger measures nothing else in its place."""
    with pytest.raises(AuditError, match=r"no axis is called 'boks'; did you mean 'books'\?"):
        read_suite(SUITE).at({"boks": 16})


def test_the_base_is_no_further_size() -> None:
    """Two equal sizes would show no growth, and pass."""
    with pytest.raises(AuditError, match="4 is the base of the axis 'books'"):
        read_suite(SUITE).at({"books": 4})


def test_a_size_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """What is no number of rows is said before anything starts."""
    with pytest.raises(SystemExit, match="2"):
        main(["audit", "--size", "books=many"])
    assert "'books=many' is no size of an axis; expected AXIS=ROWS, as in orders=100000" in capsys.readouterr().err


@pytest.mark.slow
def test_more_rows_pass_unless_something_grows(shop: Path) -> None:
    """The ledger does not know 60 books, and counters that a law allows pass; a query more for each book does not."""
    assert audit(shop, "--accept", "The shop as it is", "--known").returncode == 0
    before = {path.name: path.read_text() for path in (shop / "shop-ledger").iterdir()}
    more = audit(shop, "--size", "books=60")
    assert more.returncode == 0, more.stdout
    each = "[Book.objects.get(pk=book) for book in Book.objects.values_list('pk', flat=True)]"
    plant(shop, "    found = Book", f"    {each}\n    found = Book")
    worse = audit(shop, "--size", "books=60", "--only", "search")
    assert worse.returncode == 1, worse.stdout
    assert "6 queries at 4 books, 62 at 60" in worse.stdout
    for size in ("books=60", "books=16"):
        refused = audit(shop, "--size", size, "--accept", "more")
        assert refused.returncode == 2
        assert "leave --size out" in refused.stderr
    assert before == {path.name: path.read_text() for path in (shop / "shop-ledger").iterdir()}
