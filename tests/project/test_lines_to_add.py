"""Lines that are proposed for a suite hold at every size that was measured, and name the place that they go to."""

from pathlib import Path

import pytest

from reglab.config.suite import SuiteFile, read_suite
from reglab.project.proposals.lines_to_add import race_to_add, writes_to_add

SUITE = """schema_version = 1

[bindings]
book = { model = "shop.Book" }

[[scenario]]
name = "delete-book"
request = "DELETE /books/{book}/"
status = 204
writes = { book = { delete = 1 } }

[[scenario]]
name = "change-book"
request = "PATCH /books/{book}/"
writes = { book = { update = 1 } }
"""


@pytest.fixture
def file(tmp_path: Path) -> SuiteFile:
    """A suite of two writing scenarios on one row."""
    path = tmp_path / "suite.toml"
    path.write_text(SUITE, encoding="utf-8")
    return read_suite(path)


@pytest.mark.parametrize(("rows", "written"), [([4, 4, 4], "4"), ([4, 8, 16], '"4..16"'), ([0, 2], '"0..2"')])
def test_a_write_is_allowed_at_every_size(file: SuiteFile, rows: list[int], written: str) -> None:
    """A cascade takes more where there is more: the line for the smallest size would fail at the next."""
    said = writes_to_add(file, file.suite.scenario[0], table="tag", verb="delete", rows=rows, columns="")
    assert said.endswith(f"suite.toml:7, if it is meant: writes.tag = {{ delete = {written} }}")


def test_a_race_is_proposed_with_those_that_it_meets(file: SuiteFile) -> None:
    """All that change the same row; the line stands in the file of the first."""
    said = race_to_add(file, file.suite.scenario[0])
    assert 'scenarios = ["delete-book", "change-book"]' in said
    assert "suite.toml: [[race]]" in said
