"""Settings of pretix as an installation has them, on PostgreSQL, without redis and with its tasks executed at once."""

import os
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
os.environ.setdefault("DATA_DIR", str(FOLDER / "data"))
os.environ.setdefault("PRETIX_CONFIG_FILE", str(FOLDER / "pretix.cfg"))

from pretix.settings import *  # noqa: E402, F403

CELERY_TASK_ALWAYS_EAGER = True
EMAIL_BACKEND = EMAIL_CUSTOM_SMTP_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
