"""Known problems end to end: a first audit keeps what it finds, later ones fail for what is new alone."""

import json
from pathlib import Path

import pytest

from reglab.counters.queries import QUERIES
from reglab.metrics import METRICS
from reglab.report.findings import Finding
from reglab.report.outcomes import Outcome
from reglab.report.records import Evidence, Measurement
from reglab.work.ledger.known_problems import KnownProblems, causes_of_known, identity_of, known_from
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
    assert worse.stdout.startswith("FAIL 6 queries (+1) at books=4, accepted 5 · views.py:17"), worse.stdout


@pytest.mark.slow
def test_what_is_known_as_not_measured_is_said(shop: Path) -> None:
    """Such a scenario passes from then on, and measures nothing: its name and its answer are on the screen."""
    suite = shop / "shop.toml"
    suite.write_text(suite.read_text().replace('name = "authors"', 'name = "authors"\nstatus = 404'))
    done = audit(shop, "--accept", "The shop as it is", "--known")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 scenario cannot be measured as declared: authors (" in " ".join(done.stderr.split())


@pytest.mark.slow
def test_an_empty_reason_is_refused(shop: Path) -> None:
    """Nothing is accepted without a reason; the ledger is not touched."""
    done = audit(shop, "--accept", " ")
    assert done.returncode == 2
    assert "argument --accept: say why" in done.stderr
    assert not (shop / "shop-ledger").exists()


@pytest.mark.slow
def test_an_audit_without_a_ledger_is_inconclusive(shop: Path) -> None:
    """Where nothing was ever accepted nothing is proven: no failure of the change, and no pass."""
    done = audit(shop, "--only", "authors")
    assert done.returncode == 3, done.stdout
    assert "there is no ledger" in done.stdout


def test_one_cause_stands_once_however_often_it_ran() -> None:
    """The same statement ran twice at one size and eight times at another: one line of the work list."""

    def problem(variant: str, count: int) -> tuple[Measurement, Finding]:
        seen = Evidence(kind="statement", text="SELECT 1", count=count, source="shop/views.py:3 in books")
        finding = Finding(rule="growth-law", outcome=Outcome.FAIL, expected="0", found="1", evidence=(seen,))
        return Measurement(metric=QUERIES, values=(count,), scenario="books", variant=variant), finding

    known = known_from([problem("rows=4", 2), problem("rows=16", 8)]).known
    assert {cause: set(found.values()) for cause, found in known.items()} == {
        "growth-law: SELECT 1, at shop/views.py:3 in books": {2.0, 8.0}
    }


def growth(*lines: int) -> tuple[Measurement, Finding]:
    """A growth whose statements stand at these lines."""
    seen = tuple(
        Evidence(kind="statement", text=f"SELECT {line}", count=16, source=f"shop/views.py:{line} in books")
        for line in lines
    )
    hint = Evidence(kind="hint", text="queries by rows: 11 at 4, 35 at 16")
    finding = Finding(rule="growth-law", outcome=Outcome.FAIL, expected="0", found="1", evidence=(*seen, hint))
    measured = Measurement(metric=METRICS["growth_exponent"], values=(0.8,), scenario="books", part="queries by rows")
    return measured, finding


def test_each_statement_that_grows_is_a_line_of_the_work_list() -> None:
    """Two queries for each row are two causes, at two lines."""
    assert list(known_from([growth(3, 9)]).known) == [
        "growth-law: SELECT 3, at shop/views.py:3 in books",
        "growth-law: SELECT 9, at shop/views.py:9 in books",
    ]


def test_a_mended_cause_leaves_the_list_while_another_stays() -> None:
    """Of two causes of one problem, the one that is gone is no work any more; moved lines forget nothing."""
    known = known_from([growth(3, 9)])
    measured, finding = growth(9)
    left = known.with_causes({identity_of(measured): causes_of_known(measured, finding)})
    assert list(left.known) == ["growth-law: SELECT 9, at shop/views.py:9 in books"]
    measured, finding = growth(4)
    assert known.with_causes({identity_of(measured): causes_of_known(measured, finding)}) == known


def test_the_work_list_leaves_the_columns_of_a_select_out() -> None:
    """The table says what is read; forty names of columns bury it."""
    columns = ", ".join(f'"shop_book"."column_{number}"' for number in range(40))
    cause = 'growth-law: SELECT "a" FROM "shop_book" WHERE "shop_book"."id" = ?, at views.py:3 in books'
    cause = cause.replace('"a"', columns)
    (line,) = KnownProblems(known={cause: {"books queries": 2.0}}).work_list()
    assert line.splitlines() == [
        'growth-law: SELECT … FROM "shop_book" WHERE "shop_book"."id" = ?, at views.py:3 in books',
        "    in books",
    ]


def test_which_index_is_walked_and_for_which_value_is_no_cause_of_its_own() -> None:
    """The planner walks one index or another where the right one is missing; each scenario asks for its own value."""

    def causes(index: str, value: str) -> tuple[str, ...]:
        text = (
            f"no index of coupon serves (code) for (code = '{value}'::text), so it walks {index}; one with code would"
        )
        seen = Evidence(kind="plan", text=text, source="shop/views.py:3 in coupons")
        finding = Finding(rule="indexes-accepted", outcome=Outcome.FAIL, expected="0", found="1", evidence=(seen,))
        return causes_of_known(Measurement(metric=QUERIES, values=(1,), scenario="coupons"), finding)

    assert causes("coupon_pkey", "TEN") == causes("unique_code", "FIVE")
    assert "one with code would" in causes("coupon_pkey", "TEN")[0]


def test_what_a_suite_no_longer_has_is_no_work_any_more() -> None:
    """A known problem of a scenario that is gone goes with it; one that was only not measured now stays."""
    known = KnownProblems(known={"a cause": {"gone queries": 3.0, "left-out queries": 3.0}, "other": {"gone a": 1.0}})
    assert known.within({"left-out", "a"}).known == {"a cause": {"left-out queries": 3.0}}
