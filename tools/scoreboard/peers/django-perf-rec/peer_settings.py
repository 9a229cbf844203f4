"""The service's settings, and the mode that django-perf-rec's readme advises for CI."""

import os

from service.settings import *  # noqa: F403

# A record that was not committed fails, instead of being written on the way.
PERF_REC = {"MODE": "overwrite" if os.environ.get("SCOREBOARD_RECORD") == "committed" else "none"}
