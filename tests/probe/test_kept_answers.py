"""Answers that browsers and caches may keep: what was forbidden, and is no longer, is told."""

from pathlib import Path

import pytest
from django.http import HttpResponse

from reglab.access.audit import Access
from reglab.access.cells import Cell
from reglab.access.headers import MAY_BE_KEPT, permitting
from reglab.access.matrix import matrix_beside, write_matrix
from reglab.access.recording import differences
from reglab.report.records import Measurement


@pytest.mark.parametrize(
    ("status", "cached", "found"),
    [
        (200, "", MAY_BE_KEPT),
        (200, "max-age=60", MAY_BE_KEPT),
        (200, "public, max-age=60", "public, max-age=60"),
        (200, "private", None),
        (200, "no-store", None),
        (302, "", None),
    ],
)
def test_what_nothing_forbids_to_keep_may_be_kept(status: int, cached: str, found: str | None) -> None:
    """Of what was served: nobody keeps a refusal, and a cache that many share is told by its own words."""
    response = HttpResponse(status=status, headers={"Cache-Control": cached} if cached else {})
    assert permitting(response).get("Cache-Control") == found


def _access(*, is_kept: bool) -> Access:
    cell = Cell(scenario="letter", endpoint="GET /letter/", caller="user", answer="200", place="views.py:3 in letter")
    headers = {"Cache-Control": MAY_BE_KEPT} if is_kept else {}
    return Access(cells=[cell], headers={"letter": {}}, permissions={"letter": headers})


def _told(tmp_path: Path, *, accepted: bool, found: bool) -> list[str]:
    write_matrix(tmp_path / "access.toml", _access(is_kept=accepted), why="As it was found.")
    recorded = differences(_access(is_kept=found), matrix_beside(tmp_path / "ledger.json"))
    return [
        line.evidence[0].text
        for line in recorded
        if isinstance(line, Measurement) and line.metric.name == "header_issues" and line.values[0]
    ]


def test_an_answer_that_may_be_kept_from_now_on_is_told(tmp_path: Path) -> None:
    """A private letter without its `no-store`; one that could be kept before is as it was, and so is the reverse."""
    assert _told(tmp_path, accepted=False, found=True) == [
        "no Cache-Control forbids browsers and caches to keep the answer any more"
    ]
    assert _told(tmp_path, accepted=True, found=True) == _told(tmp_path, accepted=True, found=False) == []


def test_a_matrix_from_before_says_nothing_of_it(tmp_path: Path) -> None:
    """What was never accepted is no loss."""
    path = tmp_path / "access.toml"
    write_matrix(path, _access(is_kept=False), why="As it was found.")
    path.write_text(path.read_text(encoding="utf-8").replace("knows_kept = true\n", ""), encoding="utf-8")
    recorded = differences(_access(is_kept=True), matrix_beside(tmp_path / "ledger.json"))
    measured = [line for line in recorded if isinstance(line, Measurement) and line.metric.name == "header_issues"]
    assert not [line for line in measured if line.values[0]]
