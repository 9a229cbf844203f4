"""Adds a Content-Security-Policy to every page that has none of its own."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]

HEADER = "Content-Security-Policy"
# This server's own files, and forms that lead back to it: what the admin needs.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
# Pages of packages that set styles, or run scripts, in the page itself.
INLINE_STYLES = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
EXCEPTIONS = {
    "/api/docs/": INLINE_STYLES,
    "/silk/": INLINE_STYLES.replace("script-src 'self'", "script-src 'self' 'unsafe-inline' 'unsafe-eval'"),
}


class PagePolicy:
    """Tells the browser to load and run nothing but this server's files."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the response, and with the policy where it is a page."""
        response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html") and HEADER not in response.headers:
            paths = [path for path in EXCEPTIONS if request.path_info.startswith(path)]
            response.headers[HEADER] = EXCEPTIONS[paths[0]] if paths else POLICY
        return response
