"""Settings for the time of an audit: no mail leaves, no shared cache is touched, no debug mode counts statements."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.test import override_settings
from django.test.utils import setup_test_environment, teardown_test_environment

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
