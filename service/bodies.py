"""Reads bodies that came without a length, which Django would take for empty."""

from collections.abc import Callable
from io import BytesIO

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import JsonResponse
from django.http.response import HttpResponseBase

GetResponse = Callable[[WSGIRequest], HttpResponseBase]


class ChunkedBodies:
    """Reads a body with Transfer-Encoding up to the limit: beyond it is a 413, and a 411 where it has no known end."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: WSGIRequest) -> HttpResponseBase:
        """Give the request its body, and answer it."""
        if "HTTP_TRANSFER_ENCODING" not in request.META:
            return self.get_response(request)
        # Only a server that undoes the encoding itself says that its stream ends where the body does.
        if not request.META.get("wsgi.input_terminated"):
            return _closing(JsonResponse({"detail": "A request with a body needs a Content-Length."}, status=411))
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        try:
            body = request.META["wsgi.input"].read(limit + 1)
        except OSError:
            # The server's own words for chunks that are none.
            return _closing(JsonResponse({"detail": "The body's chunks cannot be read."}, status=400))
        if len(body) > limit:
            return _closing(JsonResponse({"detail": "The request body is too large."}, status=413))
        request.META["CONTENT_LENGTH"] = str(len(body))
        request._stream = BytesIO(body)  # noqa: SLF001  # as WSGIRequest sets it
        return self.get_response(request)


def _closing(response: HttpResponseBase) -> HttpResponseBase:
    # What is left of the body must not be taken for the next request.
    response.headers["Connection"] = "close"
    return response
