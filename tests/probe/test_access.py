"""A matrix that is held against the accepted one: what opens fails first, whatever else differs is told apart."""

from pathlib import Path

from reglab.access.audit import Access
from reglab.access.cells import ABSENT, Cell, openness
from reglab.access.matrix import matrix_beside, write_matrix
from reglab.access.recording import differences
from reglab.report.records import Measurement, Remark, RemarkKind


def _access(**answers: str) -> Access:
    cells = [
        Cell(scenario="show", endpoint="GET /things/", caller=caller, answer=answer, place="views.py:3 in Things")
        for caller, answer in answers.items()
    ]
    return Access(cells=cells, headers={"show": {"X-Frame-Options": "DENY"}}, middleware=("csrf",))


def _broken(tmp_path: Path, accepted: Access, found: Access) -> list[Measurement]:
    write_matrix(tmp_path / "access.toml", accepted, why="As it was found.")
    recorded = differences(found, matrix_beside(tmp_path / "ledger.json"), settings_name="ENV=production")
    measured = (line for line in recorded if isinstance(line, Measurement) and line.metric.name != "cells_tried")
    return [line for line in measured if line.values[0] and line.accepted is None]


def test_the_same_matrix_passes(tmp_path: Path) -> None:
    """What was accepted is read back as it was written."""
    assert not _broken(tmp_path, _access(nobody="401", user="200"), _access(nobody="401", user="200"))


def test_a_cell_that_opens_is_told_with_caller_endpoint_and_settings(tmp_path: Path) -> None:
    """Whoever was refused and is served now has been let in."""
    (found,) = _broken(tmp_path, _access(nobody="401"), _access(nobody="200"))
    assert (found.metric.name, found.part, found.endpoint) == ("cells_opened", "nobody", "GET /things/")
    assert "nobody: 200 at GET /things/ under ENV=production, accepted: 401" in found.evidence[0].text
    assert found.evidence[0].source == "views.py:3 in Things"


def test_an_accepted_caller_whom_nobody_tried_is_no_pass(tmp_path: Path) -> None:
    """Where the users cannot be made any more, the cells that were accepted for them are undecided, and are named."""
    write_matrix(tmp_path / "access.toml", _access(nobody="401", user="200"), why="As it was found.")
    recorded = list(differences(_access(nobody="401"), matrix_beside(tmp_path / "ledger.json")))
    (undecided,) = [each for each in recorded if isinstance(each, Remark) and each.kind is RemarkKind.INCONCLUSIVE]
    assert undecided.text == "accepted, and not tried this time: show as user"


def test_a_write_that_was_none_opens(tmp_path: Path) -> None:
    """The status alone is not the matrix: rows count."""
    (found,) = _broken(tmp_path, _access(user="200"), _access(user="200 and writes"))
    assert found.metric.name == "cells_opened"


def test_a_cell_that_closes_is_a_change(tmp_path: Path) -> None:
    """A caller who is refused from now on is no opening, and still a change of the contract."""
    (found,) = _broken(tmp_path, _access(user="200"), _access(user="403"))
    assert found.metric.name == "cells_changed"


def test_a_header_and_a_middleware_that_are_gone_are_told(tmp_path: Path) -> None:
    """What protected a browser's user, and is no longer there."""
    found = _access(user="200")
    found.headers, found.middleware = {"show": {}}, ()
    broken = _broken(tmp_path, _access(user="200"), found)
    assert {line.part for line in broken if line.metric.name == "header_issues"} == {"X-Frame-Options", "csrf"}


def test_answers_are_ordered_by_how_far_they_let_in() -> None:
    """A redirect is no refusal, an absent URL is less than a refused one, and a write is the most."""
    answers = [ABSENT, "401", "302", "200", "200 and writes"]
    assert sorted(answers, key=openness) == answers
    assert len({openness(answer) for answer in answers}) == len(answers)
