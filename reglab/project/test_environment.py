"""Settings for the time of an audit: no mail leaves, no shared cache is touched, no debug mode counts statements."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.test import override_settings
from django.test.utils import setup_test_environment, teardown_test_environment

from reglab.project.source_lines import ProjectFrames

LOCAL_CACHE = "django.core.cache.backends.locmem.LocMemCache"


@contextmanager
def test_surroundings() -> Iterator[None]:
    """Set up Django's test environment, and give every cache alias a cache in memory of its own."""
    setup_test_environment(debug=False)
    caches = {alias: {"BACKEND": LOCAL_CACHE, "LOCATION": f"audit-{alias}"} for alias in settings.CACHES}
    try:
        with override_settings(CACHES=caches):
            yield
    finally:
        teardown_test_environment()


def project_frames(folder: str = "") -> ProjectFrames:
    """Return the frames of the audited project: the folder named, else where its settings and the shell stand."""
    if folder:
        return ProjectFrames(base=Path(folder))
    here, settings_folder = Path.cwd(), _settings_folder()
    base = here if settings_folder.is_relative_to(here) else settings_folder
    return ProjectFrames(base=base, roots=(base, settings_folder))


def _settings_folder() -> Path:
    """Return the folder that the settings' top-level package lies in."""
    name: str = settings.SETTINGS_MODULE
    file = getattr(sys.modules.get(name), "__file__", None)
    return Path(file).resolve().parents[name.count(".")] if file else Path.cwd()
