"""The second look at what the first one found as it was accepted: it is spared where it takes its own execution."""

import json
from pathlib import Path

import pytest

from reglab.counters.calls import C_CALLS, PYTHON_CALLS
from reglab.counters.engine.point_bench import Taking
from reglab.counters.queries import QUERIES
from reglab.report.policy import read_policy
from reglab.work.expectations import Expectations
from reglab.work.ledger.known_problems import read_known
from tests.work.test_any_project import audit, shop
from tests.work.test_ledger import audit as audited
from tests.work.test_ledger import counted, ledger_at, taken

__all__ = ["shop"]

pytestmark = pytest.mark.django_db


def settled(path: Path, **found: int) -> frozenset[str]:
    """Return what is settled by a taking, beside a ledger that accepts 1,000 calls, 50 of C and 3 queries."""
    first = [counted(PYTHON_CALLS, 1000), counted(C_CALLS, 50), counted(QUERIES, 3)]
    taken(audited({"a": {"x=1": [first, first]}}), path)
    expected = Expectations(ledger=ledger_at(path), known=read_known(path), policy=read_policy())
    by_name = {metric.name: metric for metric in (PYTHON_CALLS, C_CALLS, QUERIES)}
    counts = tuple(counted(by_name[name], value) for name, value in found.items())
    return expected.settled("a", "x=1", Taking(counts=counts))


def test_what_its_rule_accepts_is_settled(tmp_path: Path) -> None:
    """Two calls more of a thousand are within the tolerance of calls; the queries are exactly the accepted ones."""
    assert settled(tmp_path, python_calls=1002, c_calls=50, queries=3) == {"python_calls", "c_calls", "queries"}


def test_what_differs_is_looked_at_again(tmp_path: Path) -> None:
    """One query more is beyond its rule, and half as many calls again are."""
    assert settled(tmp_path, python_calls=1500, c_calls=50, queries=4) == {"c_calls"}


def test_without_a_ledger_nothing_is_settled(tmp_path: Path) -> None:
    """Of a scenario that is new nobody has accepted anything."""
    settled(tmp_path, queries=3)
    expected = Expectations(ledger=ledger_at(tmp_path), known=read_known(tmp_path), policy=read_policy())
    taking = Taking(counts=(counted(PYTHON_CALLS, 1000),))
    assert expected.settled("b", "x=1", taking) == frozenset()


def calls_of(folder: Path) -> dict[tuple[str, str], int]:
    """Return how often the calls of each scenario and size of the last audit were counted."""
    record = max(folder.glob("var/runs/*/work.jsonl"))
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    return {
        (line["scenario"], line["variant"]): len(line["values"])
        for line in lines
        if line.get("metric") == "python_calls"
    }


def test_calls_are_counted_once_where_they_are_as_accepted(shop: Path) -> None:
    """And twice where the code has changed: only then it matters whether they agree with themselves."""
    audit(shop, "--accept", "The shop as it is", "--known")
    assert audit(shop).returncode == 0
    assert set(calls_of(shop).values()) == {1}
    views = shop / "catalogue" / "views.py"
    views.write_text(views.read_text() + "\n\ndef _slow(_value):\n    return sum(len(str(n)) for n in range(3000))\n")
    text = views.read_text()
    start = text.index("def books")
    body = text.index("\n", start) + 1
    views.write_text(text[:body] + "    _slow(None)\n" + text[body:])
    audit(shop)
    times = calls_of(shop)
    assert {times[key] for key in times if key[0] == "books"} == {2}
    assert {times[key] for key in times if key[0] != "books"} == {1}
