"""Holds the handler that requests of tests go through: its middleware is loaded once, until a setting changes."""

from typing import Any

from django.core.signals import setting_changed
from django.test.client import ClientHandler

_handlers: list[ClientHandler] = []


def loaded_handler() -> ClientHandler:
    """Return the handler, made anew where a test has changed any setting since."""
    if not _handlers:
        _handlers.append(ClientHandler(enforce_csrf_checks=False))
        setting_changed.connect(_forget, dispatch_uid="reglab.testing")
    return _handlers[0]


def _forget(**_: Any) -> None:
    _handlers.clear()
