"""The service's settings: django-query-contract loads itself as a pytest plugin."""

from service.settings import *  # noqa: F403
