"""Accepted findings are known and do not fail; what is more, or new, does."""

from pathlib import Path

from reglab.access.audit import Access
from reglab.access.cells import Cell
from reglab.access.matrix import lines_of_matrix, told_as_accepted, write_matrix
from reglab.metrics import METRICS
from reglab.report.records import Measurement
from reglab.report.rules.accepted_findings import accepted_in


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


def test_what_is_accepted_of_one_scenario_of_an_endpoint_is_known_of_another(tmp_path: Path) -> None:
    """Of an endpoint one scenario is tried, and of a part of the suite perhaps another."""
    accepted = accepted_in(tmp_path / "ledger.json")
    accepted.accept({"limits": [_found(2)]}, why="As it was found.")
    assert accepted.held("limits", _found(2, scenario="create-two"), others=["create"]).accepted == 2
    assert accepted.held("limits", _found(2, scenario="create-two")).accepted is None


def test_an_audit_that_is_accepted_anew_forgets_what_is_gone(tmp_path: Path) -> None:
    """Other audits keep what they had."""
    accepted = accepted_in(tmp_path)
    accepted.accept({"atomicity": [_found(2)], "leaks": [_found(1)]}, why="As it was found.")
    accepted.accept({"atomicity": [_found(0)]}, why="Mended since then.")
    assert set(accepted_in(tmp_path).known) == {"leaks create partial_writes"}


def test_what_is_accepted_is_listed_by_audit(tmp_path: Path) -> None:
    """A line has where, what, how many and why; another audit's are left out."""
    accepted = accepted_in(tmp_path)
    accepted.accept({"atomicity": [_found(2)], "leaks": [_found(1)]}, why="As it was found.")
    assert accepted.work_list(["atomicity"]) == ["atomicity create partial_writes: 2 (As it was found.)"]
    assert len(accepted.work_list(["atomicity", "leaks"])) == 2


def test_what_is_accepted_of_access_is_told_in_lines(tmp_path: Path) -> None:
    """Who accepts learns how much of the file is another than before; nothing, where all is as it was."""
    told = []
    for answers in ({"nobody": "401"}, {"nobody": "401", "user": "200"}, {"nobody": "401", "user": "200"}):
        before = lines_of_matrix(tmp_path)
        cells = [
            Cell(scenario="show", endpoint="GET /things/", caller=caller, answer=answer, place="views.py:3 in Things")
            for caller, answer in answers.items()
        ]
        write_matrix(tmp_path / "access.toml", Access(cells=cells), why="meant")
        told.append(told_as_accepted(tmp_path, before, why="meant").rpartition("/")[2])
    assert told[1:] == [
        "access.toml: 1 line of access accepted, 2 answers to 2 callers: meant",
        "access.toml: 0 lines of access accepted, 2 answers to 2 callers: meant",
    ]
