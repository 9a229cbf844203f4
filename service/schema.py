"""The OpenAPI schema as a view that several threads may ask at once."""

from threading import Lock
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.views import SpectacularAPIView

_generating = Lock()


class SchemaView(SpectacularAPIView):
    """The schema, made by one thread at a time.

    drf-spectacular resolves its extensions at first use, without a lock: a second thread that asks meanwhile finds
    half of one, and answers 500 (`'NoneType' object has no attribute 'startswith'`, 0.30).
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer in one's turn."""
        with _generating:
            return super().dispatch(request, *args, **kwargs)
