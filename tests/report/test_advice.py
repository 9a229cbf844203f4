"""Advice of a cause that got better: an improvement is to be accepted, and a statement that is gone to be looked at."""

import pytest

from reglab.report.causes.grouping import causes_of
from reglab.report.concerns import Concern
from reglab.report.records import NO_LONGER_SENT, Evidence
from reglab.report.renderings.headlines import advice, headline
from tests.report.test_causes import STATEMENT, finding

GONE = Evidence(kind="hint", text=NO_LONGER_SENT + STATEMENT.text)


@pytest.mark.parametrize(
    ("evidence", "told"),
    [(GONE, "accept it if nothing needs the statement that is gone"), (STATEMENT, "accept the improvement")],
    ids=["gone", "another one"],
)
def test_a_statement_that_is_gone_is_no_improvement_by_itself(evidence: Evidence, told: str) -> None:
    """A check of who asks costs statements: without it there are fewer."""
    (cause,) = causes_of([finding(Concern.STATEMENTS, evidence, is_better=True)])
    assert advice(cause) == told


@pytest.mark.parametrize(
    ("concern", "told"),
    [(Concern.ROWS, "the statement still asks for all"), (Concern.PAYLOAD, "the answer still shows all")],
)
def test_less_is_not_better_by_itself(concern: Concern, told: str) -> None:
    """A condition that was replaced reads fewer rows, and a page without a part is shorter."""
    (cause,) = causes_of([finding(concern, STATEMENT, is_better=True)])
    assert told in advice(cause)
    assert headline(cause, ()).startswith("less: ")
