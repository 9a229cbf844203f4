"""The app of the page at /."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """One page to try the API by hand; it has no models."""

    name = "service.web"
