"""Answers 503 with Retry-After while the database cannot serve, whatever the reason: a client may come back.

An outage is what the database's state causes, not the request: no connection, none left, a lock or a statement that
took too long, a full disk, a server that starts, stops or is read-only. A 503 to a write does not say whether it was
done: the connection may have been lost after the database had committed.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.core.signals import got_request_exception
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from service.server.limits import QUEUE_S

GetResponse = Callable[[HttpRequest], HttpResponseBase]
RETRY_AFTER_S = 1
# read_only_sql_transaction: a standby after a failover; idle_in_transaction_session_timeout, transaction_timeout.
STATES_OF_OUTAGE = ("25006", "25P03", "25P04")
# SQLITE_ERROR: a statement that is wrong, as one that names no table.
SQLITE_MISTAKE = 1
logger = logging.getLogger(__name__)


def is_outage(error: BaseException | None) -> bool:
    """Tell whether an exception says that the database cannot serve at the moment."""
    if isinstance(error, InternalError):
        return getattr(error.__cause__, "sqlstate", None) in STATES_OF_OUTAGE
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    return getattr(error.__cause__, "sqlite_errorcode", None) != SQLITE_MISTAKE


class Outages:
    """Turns the database's outages into 503, wherever below they are met, and refuses what waited for too long."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        # An exception of a middleware never reaches another one: Django makes a 500 of it at once, and tells so.
        got_request_exception.connect(_note_outage, dispatch_uid="service.outages")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the response, or with 503."""
        if request.META.get("service.queued_s", 0) > QUEUE_S:
            return unavailable(request, reason="waited for too long in the server's queue")
        response = self.get_response(request)
        error = getattr(request, "outage", None)
        if error is None:
            return response
        response.close()
        return unavailable(request, reason=described(error))

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer an exception of a view."""
        return unavailable(request, reason=described(exception)) if is_outage(exception) else None


def unavailable(request: HttpRequest, *, reason: str) -> HttpResponse:
    """Return the 503, and log it in one line."""
    logger.error("503 %s %s: %s", request.method, ascii(request.path), reason)
    response: HttpResponse
    if request.path_info.startswith("/api/"):
        response = JsonResponse({"detail": "The service is temporarily unavailable."}, status=503)
    else:
        response = HttpResponse("The service is temporarily unavailable.\n", status=503, content_type="text/plain")
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    # It has its line: Django need not add a second one with a traceback.
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001
    return response


def described(error: BaseException) -> str:
    """Return the exception's kind and message in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


class NoOutages(logging.Filter):
    """Leaves out the tracebacks of outages: each has a line of its own."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether to keep a record."""
        return not (record.exc_info and is_outage(record.exc_info[1]))


def _note_outage(sender: Any, request: HttpRequest | None = None, **_: Any) -> None:  # noqa: ARG001
    import sys

    error = sys.exception()
    if request is not None and is_outage(error):
        request.outage = error  # type: ignore[attr-defined]
