"""The app that brings the harness's commands to `manage.py`."""

from django.apps import AppConfig


class BenchConfig(AppConfig):
    """Instruments 1 and 2: the work audit and paired time. It has no models."""

    name = "bench"
