"""Settings of Nautobot as `nautobot-server init` leaves them, loaded as its own command line loads them."""

import os
import sys
from pathlib import Path

os.environ.setdefault("NAUTOBOT_ROOT", str(Path(__file__).resolve().parent))

from nautobot.core.cli import _preprocess_settings
from nautobot.core.settings import *  # noqa: F403

SECRET_KEY = "a site for field tests, of at least fifty characters, says Django"
ALLOWED_HOSTS = ["*"]
INSTALLATION_METRICS_ENABLED = False
CELERY_TASK_ALWAYS_EAGER = True
CELERY_BROKER_URL = "memory://"
_preprocess_settings(sys.modules[__name__], __file__)
