"""The folder of a suite's ledger."""

from pathlib import Path

from reglab.config.project import Project
from reglab.config.suite import SuiteFile


def ledger_path(file: SuiteFile, project: Project) -> Path:
    """Return the folder of a suite's ledger: the project's for the project's suite, else the suite's own."""
    if not file.suite.ledger and file.path.resolve() == project.suite_path.resolve():
        return project.ledger_path
    return file.ledger_path
