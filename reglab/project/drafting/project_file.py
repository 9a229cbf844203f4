"""The project's own configuration: what `init` writes below [tool.reglab], where nothing is written yet."""

import pkgutil
import sys
from pathlib import Path
from typing import Any, Final

import tomlkit

from reglab.config.project import Project

_PYPROJECT: Final = "pyproject.toml"
_OWN: Final = "reglab.toml"
_PRODUCTION: Final = ("prod", "live", "deploy")


def production_settings(settings: str) -> str:
    """Return the module beside the settings that is named after production, or an empty text."""
    package = settings.rpartition(".")[0]
    places = getattr(sys.modules.get(package), "__path__", ())
    names = [each.name for each in pkgutil.iter_modules(places)]
    found = next((name for wanted in _PRODUCTION for name in names if wanted in name.lower()), "")
    return f"{package}.{found}" if found and f"{package}.{found}" != settings else ""


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
    if "closed" not in table and (module := production_settings(settings)):
        # Not set by itself: they may ask for secrets that only the owner can make up.
        table.add(tomlkit.comment("The settings that access is audited under, with what they ask for:"))
        table.add(tomlkit.comment(f'closed = {{ DJANGO_SETTINGS_MODULE = "{module}", SECRET_KEY = "any" }}'))
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
    return path
