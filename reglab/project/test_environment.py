"""Settings for the time of an audit: no mail leaves, no shared cache or file store is touched, no debug mode counts."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.test import override_settings
from django.test.utils import setup_test_environment, teardown_test_environment

from reglab.project.development_tools import without_development_tools
from reglab.project.message_queues import messages_in_memory
from reglab.project.other_threads import awaiting_noted
from reglab.project.requests.silence import logs_unseen, warnings_unseen
from reglab.project.source_lines import ProjectFrames

LOCAL_CACHE: Final = "django.core.cache.backends.locmem.LocMemCache"
_MEMORY_STORE: Final = "django.core.files.storage.InMemoryStorage"
# Caches are emptied between executions: a session that lives in one would be gone.
_CACHED_SESSIONS: Final = "django.contrib.sessions.backends.cache"
_COOKIE_SESSIONS: Final = "django.contrib.sessions.backends.signed_cookies"
_STATIC_STORE: Final = "django.contrib.staticfiles.storage.StaticFilesStorage"


@contextmanager
def test_surroundings() -> Iterator[None]:
    """Set up Django's test environment without tools of development.

    Every cache alias has a cache in memory of its own, uploads and messages go to memory, static files need no
    manifest, and what the subject prints, warns of, or logs to the terminal, is dropped.
    """
    setup_test_environment(debug=False)
    try:
        # What the subject prints would bury the verdict; the console has its own stream.
        with (
            override_settings(**_changed_settings()),
            redirect_stdout(_Nowhere()),
            logs_unseen(),
            warnings_unseen(),
            messages_in_memory(),
            awaiting_noted(),
        ):
            yield
    finally:
        teardown_test_environment()


class _Nowhere(StringIO):
    """A stream that keeps nothing."""

    def write(self, text: str) -> int:
        return len(text)


def left_out_middleware() -> list[str]:
    """Return the middleware of the settings that belongs to tools of development."""
    return without_development_tools(settings.MIDDLEWARE)[1]


def _changed_settings() -> dict[str, Any]:
    kept, _ = without_development_tools(settings.MIDDLEWARE)
    changed: dict[str, Any] = (
        {} if settings.SESSION_ENGINE != _CACHED_SESSIONS else {"SESSION_ENGINE": _COOKIE_SESSIONS}
    )
    return changed | {
        "CACHES": {alias: {"BACKEND": LOCAL_CACHE, "LOCATION": f"audit-{alias}"} for alias in settings.CACHES},
        "MIDDLEWARE": kept,
        "STORAGES": {alias: _store(alias, dict(store)) for alias, store in settings.STORAGES.items()},
    }


def _store(alias: str, store: dict[str, Any]) -> dict[str, Any]:
    """Keep a project's uploads in memory, and let a page name a static file that nobody has collected."""
    if alias == "staticfiles":
        return {"BACKEND": _STATIC_STORE} if "anifest" in str(store.get("BACKEND")) else store
    return {"BACKEND": _MEMORY_STORE}


def project_frames(folder: str = "") -> ProjectFrames:
    """Return the frames of the audited project: the folder named, else where its settings and the shell stand."""
    if folder:
        return _frames(Path(folder).resolve(), ())
    here, settings_folder = Path.cwd(), _settings_folder()
    base = here if settings_folder.is_relative_to(here) else settings_folder
    return _frames(base, (base, settings_folder))


@lru_cache(maxsize=4)
def _frames(base: Path, roots: tuple[Path, ...]) -> ProjectFrames:
    """Share what is known of files and functions: a draft asks for each request."""
    return ProjectFrames(base=base, roots=roots)


def _settings_folder() -> Path:
    """Return the folder that the settings' top-level package lies in."""
    name: str = settings.SETTINGS_MODULE
    file = getattr(sys.modules.get(name), "__file__", None)
    return Path(file).resolve().parents[name.count(".")] if file else Path.cwd()
