"""The service's settings; they have Silk's app and middleware where SILK asks for it."""

import os

os.environ["SILK"] = "true"

from service.settings import *  # noqa: F403

# Silk weighs itself too: its own statements are then known from the request's.
SILKY_META = True
