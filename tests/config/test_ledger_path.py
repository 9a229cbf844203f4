"""The folder of the ledger: what is accepted of one suite lies in one place, whichever command wrote it."""

from pathlib import Path

from reglab.config.ledger_path import ledger_path, with_ledger
from reglab.config.project import Project
from reglab.config.suite import read_suite


def test_a_suite_that_is_read_alone_knows_the_projects_ledger(tmp_path: Path) -> None:
    """Audits that are given the suite alone keep their files beside the counters, as the configuration says."""
    folder = tmp_path / "regression-lab" / "scenarios"
    folder.mkdir(parents=True)
    (folder / "suite.toml").write_text("schema_version = 1\n", encoding="utf-8")
    project = Project(folder=tmp_path)
    file = read_suite(project.suite_path)
    assert file.ledger_path != project.ledger_path
    assert with_ledger(file, project).ledger_path == project.ledger_path == ledger_path(file, project)
