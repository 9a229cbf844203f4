"""The toolbar's middleware: every page gets a handle that links to the toolbar's own paths."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse


class DebugToolbarMiddleware:
    """Adds the toolbar to each page that it may show it on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        response.headers["X-Toolbar"] = reverse("djdt:history")
        return response
