"""Functions in the order of what they are called more than was accepted."""

from dataclasses import replace
from pathlib import Path

import pytest

from reglab.counters.calls import PYTHON_CALLS
from reglab.report.records import Evidence, Measurement
from reglab.work.audit import Audit
from reglab.work.called_functions import KEPT, called_more, put_first
from reglab.work.counter_table import table_of
from reglab.work.recording.counters import counter_lines
from tests.work.test_ledger import audit, counted, ledger_at, taken


def _table(**calls: int) -> dict[tuple[object, str], dict[str, Measurement]]:
    evidence = tuple(
        Evidence(kind="call", text=name, source=f"views.py:{number} in {name}", count=calls[name])
        for number, name in enumerate(sorted(calls, key=lambda name: -calls[name]))
    )
    measured = Measurement(metric=PYTHON_CALLS, variant="x=9", values=(sum(calls.values()),), evidence=evidence)
    return {(PYTHON_CALLS, ""): {"x=9": measured}}


def test_what_is_called_more_comes_first_however_rarely_it_is() -> None:
    """A new function with 50 calls is the cause, and not the one that always has 900."""
    table = _table(shown=900, total=60, ranked=50)
    more = called_more(table, {"views.py in shown": 900, "views.py in total": 40})  # type: ignore[arg-type]
    assert more == ("views.py in ranked", "views.py in total")
    evidence = table[PYTHON_CALLS, ""]["x=9"].evidence
    assert [one.text for one in put_first(evidence, more)] == ["ranked", "total", "shown"]


def test_without_an_accepted_count_nothing_is_known() -> None:
    """The order stays that of the steepest growth."""
    assert called_more(_table(shown=900), {}) == ()  # type: ignore[arg-type]


def test_of_a_function_that_was_not_kept_only_the_excess_is_new() -> None:
    """It was entered at most as often as the last of those that were: 45 calls where that had 40 may be 5 more."""
    accepted = {f"views.py in f{number}": 100 for number in range(KEPT - 1)} | {"views.py in last": 40}
    more = called_more(_table(other=45, f1=110), accepted)  # type: ignore[arg-type]
    assert more == ("views.py in f1", "views.py in other")


@pytest.mark.django_db
def test_functions_that_are_called_most_are_kept_beside_the_calls(tmp_path: Path) -> None:
    """By file and name at the largest size, without a line. What is called more than accepted is told first."""

    def calls(line: int, *, more: int = 0) -> Audit:
        small = counted(PYTHON_CALLS, 500, source="shop/views.py:1 in few")
        large = replace(
            counted(PYTHON_CALLS, 1000 + more),
            evidence=tuple(
                Evidence(kind="call", text=name, source=f"shop/views.py:{line} in {name}", count=count)
                for name, count in (("total", 90), ("shown", 40 + more))
            ),
        )
        return audit({"a": {"x=1": [[small]] * 2, "x=9": [[large]] * 2}})

    taken(calls(3), tmp_path)
    assert ledger_at(tmp_path).functions(scenario="a") == {"shop/views.py in shown": 40, "shop/views.py in total": 90}
    assert taken(calls(7), tmp_path) == ()
    (line,) = [
        line
        for result in calls(7, more=30).results
        for line in counter_lines(result, table_of(result), ledger_at(tmp_path))
        if isinstance(line, Measurement) and line.variant == "x=9" and line.metric is PYTHON_CALLS
    ]
    assert [one.text for one in line.evidence] == ["shown", "total"]
