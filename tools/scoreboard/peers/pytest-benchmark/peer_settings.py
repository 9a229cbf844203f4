"""The service's settings: pytest-benchmark needs nothing of its own in them."""

from service.settings import *  # noqa: F403
