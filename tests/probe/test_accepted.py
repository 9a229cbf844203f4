"""Accepted findings are known and do not fail; what is more, or new, does."""

from pathlib import Path

from reglab.metrics import METRICS
from reglab.probe.accepted import accepted_in
from reglab.report.records import Measurement


def _found(value: int, *, scenario: str = "create") -> Measurement:
    return Measurement(scenario=scenario, metric=METRICS["partial_writes"], values=(value,))


def test_what_is_accepted_is_held_against_what_is_found(tmp_path: Path) -> None:
    """The number comes back from the file under its audit, scenario and metric; another scenario has none."""
    accepted = accepted_in(tmp_path / "ledger.json")
    found = [_found(2), _found(0, scenario="other")]
    assert accepted.accept({"atomicity": found}, why="The log is written apart.") == 1
    again = accepted_in(tmp_path / "ledger.json")
    assert again.held("atomicity", _found(3)).accepted == 2
    assert again.held("atomicity", _found(3, scenario="other")).accepted is None
    assert again.held("limits", _found(3)).accepted is None


def test_an_audit_that_is_accepted_anew_forgets_what_is_gone(tmp_path: Path) -> None:
    """Other audits keep what they had."""
    accepted = accepted_in(tmp_path)
    accepted.accept({"atomicity": [_found(2)], "leaks": [_found(1)]}, why="As it was found.")
    accepted.accept({"atomicity": [_found(0)]}, why="Mended since then.")
    assert set(accepted_in(tmp_path).known) == {"leaks create partial_writes"}
