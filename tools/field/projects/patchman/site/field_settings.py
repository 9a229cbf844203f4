"""Settings of patchman, its SQLite in this folder, its cache in memory and its tasks executed where they are called."""

from pathlib import Path

from patchman.settings import *  # noqa: F403

SECRET_KEY = "a site for field tests"
DEBUG = False
ALLOWED_HOSTS = ["*"]
DATABASES["default"]["NAME"] = str(Path(__file__).with_name("patchman.sqlite3"))  # noqa: F405
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
CELERY_TASK_ALWAYS_EAGER = True
CELERY_BROKER_URL = "memory://"
