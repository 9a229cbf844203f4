"""Places where the field tests keep their parts, and what they leave behind."""

from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[2]
PROJECTS: Final = Path(__file__).resolve().parent / "projects"
PAGE: Final = REPOSITORY / "docs" / "field.md"
# Committed: the results of each project, and what readers of its code say of its findings.
RECORDS: Final = Path(__file__).resolve().parent / "records"
# Ignored by git: environments, sites, the records of every run.
STATE: Final = REPOSITORY / "var" / "field"
