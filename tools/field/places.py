"""Places where the field tests keep their parts, and what they leave behind."""

from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[2]
PROJECTS: Final = Path(__file__).resolve().parent / "projects"
PAGE: Final = REPOSITORY / "docs" / "field.md"
# Ignored by git: environments, sites, the records of every run.
STATE: Final = REPOSITORY / "var" / "field"
