"""Answers of 200 with other JSON than expected: a sentence in the record or on the terminal, never a traceback."""

import pytest

from reglab.report.outcomes import Outcome
from tests.load.conftest import WRITES, Bench

pytestmark = pytest.mark.slow


def test_other_json_at_the_preparation_is_one_sentence(bench: Bench) -> None:
    """A new row whose id nobody tells cannot be used: exit 2, and the request is named."""
    stub = bench.stub(other_json_after=0)
    finished = bench.load(stub.origin, bench.profile())
    assert finished.status == 2, finished.output
    assert "POST /api/customers/ was answered as done, without the `id` of the new row" in finished.output
    assert "Traceback" not in finished.output


def test_other_json_at_the_reconciliation_is_inconclusive(bench: Bench) -> None:
    """Rows that cannot be read back decide nothing, and the reason is a finding."""
    stub = bench.stub(other_json_after=60)
    finished = bench.load(stub.origin, bench.profile())
    assert finished.status == 3, finished.output
    assert finished.verdict.outcome is Outcome.INCONCLUSIVE
    assert any(
        "the service's answers are not what the load module expects" in text
        for text in finished.remarks("inconclusive")
    )
    assert "Traceback" not in finished.output


def test_other_json_in_place_of_a_row_stops_the_writes(bench: Bench) -> None:
    """A row that no longer shows the run's id is not the run's: nothing is written to it, and the run is unsafe."""
    stub = bench.stub(other_json_after=60)
    finished = bench.load(stub.origin, bench.profile(mix=WRITES))
    assert finished.status == 2, finished.output
    assert any("does not carry the run's id any more" in text for text in finished.remarks("unsafe"))
    assert "Traceback" not in finished.output
