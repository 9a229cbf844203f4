"""Blocks that a statement reads more: one level of an index is none, a second block of one statement is."""

from dataclasses import replace
from pathlib import Path

import pytest

from reglab.counters.plans import BLOCKS_READ
from reglab.counters.queries import QUERIES
from reglab.report.outcomes import Outcome
from reglab.report.records import Evidence
from reglab.work.audit import Audit
from tests.work.test_ledger import audit, counted, outcomes, taken

pytestmark = pytest.mark.django_db


def reading(blocks: int, *statements: str) -> Audit:
    """Several statements, each sent once, that read so many blocks together."""
    evidence = tuple(Evidence(kind="statement", text=text, count=1) for text in statements)
    queries = replace(counted(QUERIES, len(statements)), evidence=evidence)
    counts = [queries, counted(BLOCKS_READ, blocks, part="reads")]
    return audit({"a": {"x=1": [counts, counts]}})


@pytest.mark.parametrize(("more", "is_failure"), [(1, False), (2, False), (3, True), (-1, True)])
def test_an_index_that_grows_by_a_level_is_no_finding(tmp_path: Path, more: int, *, is_failure: bool) -> None:
    """A new index makes the others larger where rows were changed: the same two statements read a block more each."""
    taken(reading(7, "SELECT a", "SELECT b"), tmp_path)
    found = outcomes(reading(7 + more, "SELECT a", "SELECT b"), tmp_path)
    assert (Outcome.FAIL in found) is is_failure


def test_a_block_more_of_another_statement_is_a_finding(tmp_path: Path) -> None:
    """What is asked otherwise is read otherwise."""
    taken(reading(7, "SELECT a"), tmp_path)
    assert Outcome.FAIL in outcomes(reading(8, "SELECT b"), tmp_path)
