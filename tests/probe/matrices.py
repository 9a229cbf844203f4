"""Matrices of access that tests accept, and what is broken beside them."""

from pathlib import Path

from reglab.access.audit import Access
from reglab.access.cells import Cell
from reglab.access.matrix import matrix_beside, write_matrix
from reglab.access.recording import differences
from reglab.report.records import Measurement


def access_of(**answers: str) -> Access:
    """Return what an audit finds of one endpoint, by caller."""
    cells = [
        Cell(scenario="show", endpoint="GET /things/", caller=caller, answer=answer, place="views.py:3 in Things")
        for caller, answer in answers.items()
    ]
    return Access(cells=cells, headers={"show": {"X-Frame-Options": "DENY"}}, middleware=("csrf",))


def broken_beside(tmp_path: Path, accepted: Access, found: Access) -> list[Measurement]:
    """Accept one, and return what fails of the other."""
    write_matrix(tmp_path / "access.toml", accepted, why="As it was found.")
    recorded = differences(found, matrix_beside(tmp_path / "ledger.json"), settings_name="ENV=production")
    measured = (line for line in recorded if isinstance(line, Measurement) and line.metric.name != "cells_tried")
    return [line for line in measured if line.values[0] and line.accepted is None]
