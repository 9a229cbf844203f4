"""Makes `manage.py loadtest` known to Django. Nothing here imports Locust: it patches the process that does."""

from django.apps import AppConfig


class LoadtestsConfig(AppConfig):
    """Instrument 3: the service under concurrent load."""

    name = "loadtests"
    verbose_name = "Load tests"
