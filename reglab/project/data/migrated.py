"""Migrated, empty databases: made once on the audit's own server, and kept while the migrations are the same."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import django
from django.apps import AppConfig, apps
from django.conf import settings
from django.db import connections

from reglab.postgres import binaries
from reglab.postgres.server import Server

_VARIABLE: Final = "REGLAB_CACHE"
_KEPT_MAX: Final = 4
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
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            self._server.save_data(self._folder)
            _forget_oldest(self._folder.parent)
        except OSError:
            # A cache that cannot be written costs time, not the run.
            shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def server_with_migrations() -> Iterator[Server]:
    """Start a server of the audit's own, from a kept copy with migrated databases where there is one."""
    folder = _folder_of_present_migrations()
    is_there = folder is not None and folder.is_dir()
    with Server.throwaway(data=folder if is_there else None) as server:
        _present.append(MigratedDatabases(server=server, folder=folder, is_there=is_there))
        try:
            yield server
        finally:
            _present.pop()


def present_migrations() -> MigratedDatabases | None:
    """Return the migrated databases of the server that runs, or None where every alias is elsewhere."""
    return _present[-1] if _present else None


def _folder_of_present_migrations() -> Path | None:
    place = os.environ.get(_VARIABLE, "")
    if place == "off":
        return None
    root = Path(place) if place else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "regression-lab"
    return root / "migrated" / _digest()


def _digest() -> str:
    """Return one text for everything that decides how the migrated databases look."""
    digest = hashlib.blake2b(digest_size=16)
    about = (
        django.get_version(),
        str(binaries.find().folder),
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
    kept = sorted((one for one in folder.iterdir() if one.is_dir()), key=lambda one: one.stat().st_mtime)
    for old in kept[:-_KEPT_MAX]:
        shutil.rmtree(old, ignore_errors=True)
