"""Runs django-silk only where it can: without its tables, it would turn every request into a 500."""

import logging
from typing import Any

from django.db import Error, connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from silk.middleware import SilkyMiddleware

TABLE = "silk_request"
logger = logging.getLogger(__name__)


class Profiler(SilkyMiddleware):  # type: ignore[misc]
    """silk's middleware, once its tables are there."""

    is_migrated = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Profile the request, or answer it all the same."""
        response: Any
        if self.is_migrated or self._looks_migrated():
            response = super().__call__(request)
        else:
            response = self.get_response(request)
        return response  # type: ignore[no-any-return]

    def process_request(self, request: HttpRequest) -> None:
        """Begin a profile; a database that cannot take one costs the profile and not the request."""
        try:
            super().process_request(request)
        except Error as error:
            request.silk_is_intercepted = False  # type: ignore[attr-defined]
            logger.warning("The profiler could not write: %s", type(error).__name__)

    def _looks_migrated(self) -> bool:
        try:
            self.is_migrated = TABLE in connection.introspection.table_names()
        except Error:
            return False
        if not self.is_migrated:
            logger.warning("The profiler is off until its tables are there: run `manage.py migrate`.")
        return self.is_migrated
