"""The project's own configuration: what `init` writes below [tool.reglab], where nothing is written yet."""

from pathlib import Path
from typing import Any, Final

import tomlkit

from reglab.config.project import Project

_PYPROJECT: Final = "pyproject.toml"
_OWN: Final = "reglab.toml"


def write_project(project: Project, *, settings: str, suite: str, ledger: str) -> Path | None:
    """Add what is missing to the configuration; return the file that was written, or None where nothing was missing.

    An existing reglab.toml is kept in use; else pyproject.toml where there is one.
    """
    own, shared = project.folder / _OWN, project.folder / _PYPROJECT
    wanted = {"settings": settings, "suite": suite, "ledger": ledger}
    path = own if own.exists() or not shared.exists() else shared
    document = tomlkit.parse(path.read_text(encoding="utf-8-sig")) if path.exists() else tomlkit.document()
    table: Any = document
    if path == shared:
        tool: Any = document.setdefault("tool", tomlkit.table(is_super_table=True))
        table = tool.setdefault("reglab", tomlkit.table())
    missing = {key: value for key, value in wanted.items() if value and key not in table}
    if not missing:
        return None
    for key, value in missing.items():
        table[key] = value
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
    return path
