"""Limits how often a caller may fail to say who it is: log-ins, tokens, and API requests without either."""

from collections.abc import Callable
from math import ceil

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from rest_framework.throttling import SimpleRateThrottle

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class Failures(SimpleRateThrottle):
    """The failures of one address within the period of the rate `failures`, in Django's cache."""

    scope = "failures"

    def get_cache_key(self, request: HttpRequest, view: object) -> str:  # noqa: ARG002
        """Count by the client's address, as NUM_PROXIES says where to find it."""
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}  # type: ignore[arg-type]

    def throttle_success(self) -> bool:
        """Let a request pass without counting it: its answer decides."""
        return True

    def record(self) -> None:
        """Count the request that was let pass."""
        self.history.insert(0, self.now)
        self.cache.set(self.key, self.history, self.parse_rate(self.rate)[1])


class Throttle:
    """Answers 429 with Retry-After to an address that has failed too often, before any work."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request, and note where it failed."""
        is_login = request.method == "POST" and request.path_info == _login_path()
        if not (is_login or request.path_info.startswith("/api/")):
            return self.get_response(request)
        failures = Failures()
        if not failures.allow_request(request, None):  # type: ignore[arg-type]
            # Under /api/ the sentence becomes JSON, as every error there.
            response: HttpResponseBase = HttpResponse("Too many requests.\n", status=429, content_type="text/plain")
            response.headers["Retry-After"] = str(ceil(failures.wait() or 1))
            return response
        response = self.get_response(request)
        # A log-in that succeeds leads elsewhere; one that fails is answered with its form.
        if response.status_code == 401 or (is_login and response.status_code == 200):
            failures.record()
        return response


def _login_path() -> str:
    # Without the prefix of a deployment under a path, as path_info is.
    from django.urls import get_script_prefix

    return "/" + reverse("admin:login").removeprefix(get_script_prefix())
