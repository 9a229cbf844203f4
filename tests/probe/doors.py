"""A project with ways in that no URLconf and no header names: a path of a middleware, a token in a URL."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import path
from knox.auth import TokenAuthentication

PATHS = frozenset({"/status/inside", "/status/never-answered"})


def shortcut(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Answer one of the two paths; pass everything else on."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        return HttpResponse("inside") if request.path == "/status/inside" else get_response(request)

    return answer


def token_of_url(request: HttpRequest) -> HttpResponse:
    """Serve whoever holds a token, wherever it was written."""
    token = request.GET.get("access_token", "")
    if not token:
        return JsonResponse({}, status=401)
    TokenAuthentication().authenticate_credentials(token.encode())
    return JsonResponse({})


urlpatterns = [path("token-of-url/", token_of_url)]
