"""The app that brings the commands to `manage.py`."""

from django.apps import AppConfig


class RegLabConfig(AppConfig):
    """Regression Lab in INSTALLED_APPS: commands alone; it has no models."""

    name = "reglab"
    verbose_name = "Regression Lab"
