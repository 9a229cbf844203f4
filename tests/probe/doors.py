"""A project with ways in that no status shows: a path of a middleware, a token in a URL or a log, an old right."""

import json
import logging
from collections.abc import Callable

from django.core.cache import cache
from django.db import IntegrityError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import path
from django.utils import timezone
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from service.orders.models import Customer

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


def chatty(request: HttpRequest) -> HttpResponse:
    """Refuse everybody, and write into the log what they came with."""
    logging.getLogger(__name__).warning("refused, with %s", dict(request.headers))
    logging.getLogger(__name__).debug("asked, with %s", dict(request.headers))
    return JsonResponse({}, status=401)


def discreet(request: HttpRequest) -> HttpResponse:
    """Refuse everybody, and write the path alone into the log."""
    logging.getLogger(__name__).warning("refused: %s", request.path)
    logging.getLogger(__name__).debug("asked, with %s", dict(request.headers))
    return JsonResponse({}, status=401)


def with_remembered_rights(request: HttpRequest) -> HttpResponse:
    """Serve whoever may see orders, or might at the first request."""
    return _served(request, remembers=True)


def with_present_rights(request: HttpRequest) -> HttpResponse:
    """Serve whoever may see orders."""
    return _served(request, remembers=False)


CALLS = 3


def impatient(request: HttpRequest) -> HttpResponse:
    """Refuse everybody, and after three calls by one count for all URLs."""
    return _counted("all")


def impatient_elsewhere(request: HttpRequest) -> HttpResponse:
    """The same, by the same count."""
    return _counted("all")


def impatient_by_itself(request: HttpRequest) -> HttpResponse:
    """The same, by a count of its own."""
    return _counted("own")


def impatient_with_guesses(request: HttpRequest) -> HttpResponse:
    """The same, counting who comes with a token alone."""
    return _counted("all") if "Authorization" in request.headers else JsonResponse({}, status=401)


def forgetful(request: HttpRequest) -> HttpResponse:
    """The same, but for who comes with a token: that begins the count again."""
    if _is_known(request):
        cache.delete("all")
        return JsonResponse({})
    return _counted("all")


def unforgetful(request: HttpRequest) -> HttpResponse:
    """The same, without beginning again."""
    return JsonResponse({}) if _is_known(request) else _counted("all")


def believing(request: HttpRequest) -> HttpResponse:
    """Refuse everybody, and after three calls of the address that the client names."""
    return _counted(request.headers.get("X-Forwarded-For", "unnamed"))


def noting_use(request: HttpRequest) -> HttpResponse:
    """Serve who holds a token, and note when it was last used, once a minute."""
    return _noted(request, seconds=60)


def noting_each_day(request: HttpRequest) -> HttpResponse:
    """Serve who holds a token, and note when it was last used, once a day."""
    return _noted(request, seconds=24 * 60 * 60)


def _noted(request: HttpRequest, *, seconds: int) -> HttpResponse:
    if not _is_known(request):
        return JsonResponse({}, status=401)
    token = TokenAuthentication().authenticate_credentials(request.headers["Authorization"].rpartition(" ")[2].encode())
    user = token[0]
    if (timezone.now() - user.date_joined).total_seconds() > seconds:
        type(user).objects.filter(pk=user.pk).update(first_name="used")
    return JsonResponse({})


def _is_known(request: HttpRequest) -> bool:
    try:
        TokenAuthentication().authenticate_credentials(request.headers["Authorization"].rpartition(" ")[2].encode())
    except (AuthenticationFailed, KeyError):
        return False
    return True


def _counted(key: str) -> HttpResponse:
    count = cache.get(key, 0)
    cache.set(key, count + 1)
    return JsonResponse({}, status=401 if count < CALLS else 429)


def _served(request: HttpRequest, *, remembers: bool) -> HttpResponse:
    token = request.headers.get("Authorization", "").rpartition(" ")[2]
    try:
        user, _ = TokenAuthentication().authenticate_credentials(token.encode())
    except AuthenticationFailed:
        return JsonResponse({}, status=401)
    rights = (cache.get(user.pk) if remembers else None) or user.get_all_permissions()
    cache.set(user.pk, rights)
    return JsonResponse({}, status=200 if "orders.view_order" in rights else 403)


def taken_by(request: HttpRequest) -> HttpResponse:
    """Store a customer, or say who has the address."""
    return _stored(request, tells_whose=True)


def refused_by_the_database(request: HttpRequest) -> HttpResponse:
    """Store a customer twice, and let the database refuse the second."""
    try:
        for _ in range(2):
            Customer.objects.create(name="Ann", email="twice@doors.example")
    except IntegrityError:
        return JsonResponse({}, status=409)
    return JsonResponse({})


def taken(request: HttpRequest) -> HttpResponse:
    """Store a customer, or say that the address is taken."""
    return _stored(request, tells_whose=False)


def _stored(request: HttpRequest, *, tells_whose: bool) -> HttpResponse:
    body = json.loads(request.body)
    other = Customer.objects.filter(email=body["email"]).first()
    if other is None:
        Customer.objects.create(**body)
        return JsonResponse({}, status=201)
    return JsonResponse({"taken": other.name if tells_whose else True}, status=409)


def chatty_in_outages(request: HttpRequest) -> HttpResponse:
    """Answer, and write what the caller came with into the log where the database does not."""
    try:
        count = Customer.objects.count()
    except OperationalError:
        logging.getLogger(__name__).exception("no answer for %s", dict(request.headers))
        return JsonResponse({}, status=503)
    return JsonResponse({"customers": count})


def headless(request: HttpRequest) -> HttpResponse:
    """Refuse everybody who asks for the whole, and nobody who asks for the head."""
    return JsonResponse({}, status=401 if request.method == "GET" else 200)


def asks_again(request: HttpRequest) -> HttpResponse:
    """Count, and where the database does not answer, count again."""
    try:
        return _customers()
    except OperationalError:
        return _customers()


def asks_once(request: HttpRequest) -> HttpResponse:
    """Count, and give up where the database does not answer."""
    try:
        return _customers()
    except OperationalError:
        return JsonResponse({}, status=503)


def _customers() -> HttpResponse:
    return JsonResponse({"customers": Customer.objects.count()})


urlpatterns = [
    path("believing/", believing),
    path("noting-use/", noting_use),
    path("noting-each-day/", noting_each_day),
    path("asks-again/", asks_again),
    path("asks-once/", asks_once),
    path("headless/", headless),
    path("taken-by/", taken_by),
    path("taken/", taken),
    path("refused-by-the-database/", refused_by_the_database),
    path("token-of-url/", token_of_url),
    path("chatty/", chatty),
    path("chatty-in-outages/", chatty_in_outages),
    path("discreet/", discreet),
    path("remembered/", with_remembered_rights),
    path("present/", with_present_rights),
    path("impatient/", impatient),
    path("forgetful/", forgetful),
    path("unforgetful/", unforgetful),
    path("impatient-with-guesses/", impatient_with_guesses),
    path("impatient-elsewhere/", impatient_elsewhere),
    path("impatient-by-itself/", impatient_by_itself),
]
