"""Refuses Host headers with a port that no address can have: Django looks at the name alone."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]
PORT_MAX = 65_535
PORT_DIGITS_MAX = 5


class HostPorts:
    """Answers 400 to a port beyond 65535, which would stand in every link of the answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, or refuse it."""
        _, _, port = request.META.get("HTTP_HOST", "").rpartition(":")
        if port.isdecimal() and (len(port) > PORT_DIGITS_MAX or int(port) > PORT_MAX):
            return HttpResponse("Bad request.\n", status=400, content_type="text/plain")
        return self.get_response(request)
