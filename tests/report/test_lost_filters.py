"""Filters and locks that are gone: of several that one line has lost, each is a cause of its own."""

from reglab.report.causes.grouping import causes_of
from reglab.report.concerns import Concern
from reglab.report.records import Evidence
from reglab.report.renderings.further_facts import further_statements
from tests.report.test_causes import finding


def lost(text: str) -> Evidence:
    """Return what is told of a statement that asks for less, at the line that all of them share."""
    return Evidence(kind="hint", text=text, source="shop/services.py:98 in cancelled", table="shop_order")


def test_two_losses_at_one_line_are_two_causes() -> None:
    """Whose rows may be changed, and that they are locked, are decisions of their own: neither hides the other."""
    texts = ("rows of shop_order are no longer chosen by user_id = ?", "rows of shop_order are no longer locked")
    causes = causes_of([finding(Concern.CONDITIONS, lost(f"{text}; by SELECT 1")) for text in texts])
    assert len(causes) == 2


def test_one_loss_in_two_statements_is_one_cause() -> None:
    """A manager that forgets a filter forgets it in every statement."""
    text = "rows of shop_order are no longer chosen by deleted_at IS NULL"
    found = [
        finding(Concern.CONDITIONS, lost(f"{text}; by SELECT {number}"), scenario=f"s{number}") for number in (1, 2)
    ]
    assert len(causes_of(found)) == 1


def test_each_view_that_lost_its_check_is_named_with_its_line() -> None:
    """Two views that let the same callers in are one cause, and both lines are to be mended; one view has no other."""
    opened = [
        finding(
            Concern.ACCESS,
            Evidence(kind="response", text="user: 200", source=f"shop/views.py:{line} in {name}"),
            scenario=name,
            part="user",
        )
        for name, line in (("edit", 63), ("tests", 89))
    ]
    (cause,) = causes_of(opened)
    assert further_statements(cause) == ["also GET /tests/ at shop/views.py:89 in tests"]
    (alone,) = causes_of(opened[:1])
    assert further_statements(alone) == []
