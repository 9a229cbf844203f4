"""Migrated, empty databases: made once on the audit's own server, and kept while the migrations are the same."""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
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


def present_migrations() -> MigratedDatabases | None:
    """Return the migrated databases of the server that runs, or None where every alias is elsewhere."""
    return _present[-1] if _present else None


def folder_of_present_migrations() -> Path | None:
    """Return where a copy of the databases is kept, or would be; None where the user switched that off."""
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
