"""One lost write is a failure, and the report names it."""

import pytest

from reglab.report.outcomes import Outcome
from tests.load.conftest import WRITES, Bench

pytestmark = pytest.mark.slow


def test_one_forgotten_write_in_five_hundred_fails_and_is_named(bench: Bench) -> None:
    """A service that acknowledges a new line and forgets it fails, whatever else is well, and the line is named."""
    stub = bench.stub(lose_item=250)
    finished = bench.load(stub.origin, bench.profile(mix=WRITES, rate=110, seconds=6))
    writes = sum(line[0] != "GET" and line[-1] == "1" for line in stub.requests())
    assert writes >= 500
    assert finished.outcome("nothing-lost") is Outcome.FAIL
    assert finished.measured("lost_writes") == 1
    assert "was acknowledged and is there 0 times: create item" in finished.measurement("lost_writes").evidence[0].text
    assert finished.outcome("slo-errors") is Outcome.PASS
