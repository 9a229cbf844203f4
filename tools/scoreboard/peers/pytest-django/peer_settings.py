"""The service's settings: pytest-django needs nothing of its own in them."""

from service.settings import *  # noqa: F403
