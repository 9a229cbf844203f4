"""Migrated, empty databases: made once, on the audit's own server or in files of SQLite, and kept while the same."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import django
from django.apps import AppConfig, apps
from django.conf import settings
from django.db import connections

from reglab.postgres import binaries
from reglab.postgres.server import Server

_VARIABLE: Final = "REGLAB_CACHE"
_KEPT_MAX: Final = 8
_UNFINISHED_S_MAX: Final = 3600
# What decides how an empty database looks. Other code of an app does not.
_PARTS: Final = ("migrations", "models", "models.py", "apps.py")
_present: Final[list["MigratedDatabases"]] = []


class MigratedDatabases:
    """The migrated databases of every alias on one server. `is_there` says whether they exist already."""

    def __init__(self, *, server: Server, folder: Path | None, is_there: bool) -> None:
        self._server = server
        self._folder = folder
        self.is_there = is_there

    def name(self, alias: str) -> str:
        """Return the name of an alias's database."""
        return f"migrated_{alias}"

    def keep(self) -> None:
        """Note that the databases are there, and keep a copy for the next run. No connection may be open."""
        self.is_there = True
        if self._folder is None:
            return
        # A cache that cannot be written costs time, not the run.
        with suppress(OSError):
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            self._server.save_data(self._folder)
            _forget_oldest(self._folder.parent)


@contextmanager
def server_with_migrations() -> Iterator[Server]:
    """Start a server of the audit's own, from a kept copy with migrated databases where there is one."""
    folder = folder_of_present_migrations()
    with Server.throwaway(data=folder if folder is not None and folder.is_dir() else None) as server:
        if folder is not None and folder.is_dir() and not server.began_with_copy:
            # A half of one, from whatever ended its copying or its removal: the next run shall not meet it again.
            _remove(folder)
        _present.append(MigratedDatabases(server=server, folder=folder, is_there=server.began_with_copy))
        try:
            yield server
        finally:
            _present.pop()


class MigratedFiles:
    """The migrated files of every alias, where all of them are SQLite's: kept, and copied for each audit."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def is_there(self) -> bool:
        """Whether they exist already. A file that vanishes later makes the copying fail with OSError."""
        return self._folder.is_dir()

    def copied(self, alias: str, target: Path) -> None:
        """Copy an alias's file. Raises OSError."""
        shutil.copyfile(self._folder / f"{alias}.sqlite3", target)

    def keep(self, files: Mapping[str, Path]) -> None:
        """Keep a copy of the files by alias for the next run. No connection may be open."""
        # A cache that cannot be written costs time, not the run.
        with suppress(OSError):
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            unfinished = Path(tempfile.mkdtemp(prefix=".", dir=self._folder.parent))
            try:
                for alias, path in files.items():
                    shutil.copyfile(path, unfinished / f"{alias}.sqlite3")
                # The copy takes its name last. Where another run was faster, its copy stays.
                with suppress(OSError):
                    unfinished.rename(self._folder)
            finally:
                shutil.rmtree(unfinished, ignore_errors=True)
            _forget_oldest(self._folder.parent)


def migrated_files() -> MigratedFiles | None:
    """Return the kept files of the present migrations; None where a database is no file, or nothing is kept."""
    if any(connections[alias].vendor != "sqlite" for alias in connections):
        return None
    folder = _folder_of("SQLite")
    return MigratedFiles(folder) if folder is not None else None


def present_migrations() -> MigratedDatabases | None:
    """Return the migrated databases of the server that runs, or None where every alias is elsewhere."""
    return _present[-1] if _present else None


def folder_of_present_migrations() -> Path | None:
    """Return where a copy of the server's databases is kept, or would be; None where the user switched that off."""
    return _folder_of(str(binaries.find().folder))


def _folder_of(server: str) -> Path | None:
    place = os.environ.get(_VARIABLE, "")
    if place == "off":
        return None
    root = Path(place) if place else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "regression-lab"
    return root / "migrated" / _digest(server)


def _digest(server: str) -> str:
    """Return one text for everything that decides how the migrated databases look."""
    digest = hashlib.blake2b(digest_size=16)
    about = (
        django.get_version(),
        server,
        str(sorted((alias, one["ENGINE"]) for alias, one in connections.settings.items())),
        str(settings.INSTALLED_APPS),
        str(settings.AUTH_USER_MODEL),
        str(getattr(settings, "MIGRATION_MODULES", {})),
    )
    digest.update("\0".join(about).encode())
    for config in apps.get_app_configs():
        for path in _files(config):
            digest.update(f"{config.label} {path.name}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _files(config: AppConfig) -> Iterator[Path]:
    for part in _PARTS:
        path = Path(config.path) / part
        if path.is_dir():
            yield from sorted(path.rglob("*.py"))
        elif path.is_file():
            yield path


def _forget_oldest(folder: Path) -> None:
    """Keep the latest copies. What begins with a dot is a copy that is being made or removed, or was until a kill."""
    present = [(one.stat().st_mtime, one) for one in folder.iterdir() if one.is_dir()]
    named = sorted((changed_s, one) for changed_s, one in present if not one.name.startswith("."))
    for _, old in named[:-_KEPT_MAX]:
        _remove(old)
    for changed_s, unfinished in present:
        if unfinished.name.startswith(".") and changed_s < time.time() - _UNFINISHED_S_MAX:
            shutil.rmtree(unfinished, ignore_errors=True)


def _remove(folder: Path) -> None:
    """Remove a copy under another name: whoever is copying it finds files missing, and never takes a half for it."""
    with suppress(OSError):
        elsewhere = Path(tempfile.mkdtemp(prefix=".", dir=folder.parent))
        with suppress(OSError):  # another run was faster
            folder.rename(elsewhere / folder.name)
        shutil.rmtree(elsewhere, ignore_errors=True)
