"""Views that keep something, of which the next request, or the process, has the damage; and their mended twins."""

import functools
import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import gettempdir
from typing import Any, cast

from django.core.cache import cache
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.urls import path
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from service.orders.models import Customer, Order

SEEN: dict[str, int] = {}
NAMES: dict[int, str] = {}
OPENED: list[Any] = []
GO = threading.Event()
GIVES_UP_AFTER_S = 1.0


def remembers_names(request: HttpRequest) -> HttpResponse:
    found = [NAMES.setdefault(customer.pk, customer.email) for customer in Customer.objects.order_by("pk")]
    return JsonResponse({"found": found})


def reads_names(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"found": [customer.email for customer in Customer.objects.order_by("pk")]})


def remembers(request: HttpRequest) -> HttpResponse:
    SEEN[request.headers["User-Agent"]] = 1
    return JsonResponse({})


def remembers_one(request: HttpRequest) -> HttpResponse:
    SEEN["last"] = 1
    return JsonResponse({})


def remembers_each(request: HttpRequest, pk: int) -> HttpResponse:
    SEEN[str(Order.objects.get(pk=pk).pk)] = 1
    return JsonResponse({})


def fails_for_the_second(request: HttpRequest, pk: int) -> HttpResponse:
    order = Order.objects.get(pk=pk)
    return JsonResponse({"share": 1 // (order.pk - Order.objects.order_by("pk")[1].pk)})


def notes_each_outage(request: HttpRequest, pk: int) -> HttpResponse:
    return _of_outage(pk, noted_as=request.path)


def notes_the_last_outage(request: HttpRequest, pk: int) -> HttpResponse:
    return _of_outage(pk, noted_as="last")


def _of_outage(pk: int, *, noted_as: str) -> HttpResponse:
    try:
        return JsonResponse({"found": Order.objects.filter(pk=pk).exists()})
    except OperationalError:
        SEEN[noted_as] = 1
        return JsonResponse({}, status=503)


class NotesFailures:
    """Middleware that counts what failed, by path or by status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.failures: Counter[str] = Counter()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == 404:
            self.failures[self.key(request, response)] += 1
        return response

    @staticmethod
    def key(request: HttpRequest, _response: HttpResponseBase) -> str:
        return request.path


class NotesStatuses(NotesFailures):
    """The same, by status alone."""

    @staticmethod
    def key(_request: HttpRequest, response: HttpResponseBase) -> str:
        return str(response.status_code)


def modified_by_a_name(request: HttpRequest) -> HttpResponse:
    return _conditional(request, moves_with_the_customer=True)


def modified_by_the_order(request: HttpRequest) -> HttpResponse:
    return _conditional(request, moves_with_the_customer=False)


def _conditional(request: HttpRequest, *, moves_with_the_customer: bool) -> HttpResponse:
    order = Order.objects.select_related("customer").latest("pk")
    known_by = order.customer.email if moves_with_the_customer else order.updated_at.isoformat()
    response = JsonResponse({"customer": order.customer.email})
    found = cast("HttpResponse", get_conditional_response(request, etag=quote_etag(known_by), response=response))
    found["ETag"] = quote_etag(known_by)
    return found


def keeps_one_answer_for_all(request: HttpRequest) -> HttpResponse:
    found = cache.get_or_set("answer", lambda: request.GET["name"])
    return JsonResponse({"name": found})


def keeps_one_answer_for_each(request: HttpRequest) -> HttpResponse:
    found = cache.get_or_set(f"answer {request.GET['name']}", lambda: request.GET["name"])
    return JsonResponse({"name": found})


def keeps_one_page_for_all_users(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"name": cache.get_or_set("page", request.user.get_username)})


def remembers_each_word(request: HttpRequest) -> HttpResponse:
    SEEN[request.GET["word"]] = 1
    return JsonResponse({})


def greets_all_in_one_language(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"language": cache.get_or_set("greeting", _language(request))})


def greets_each_in_their_language(request: HttpRequest) -> HttpResponse:
    language = _language(request)
    return JsonResponse({"language": cache.get_or_set(f"greeting-{language}", language)})


def _language(request: HttpRequest) -> str:
    return request.headers.get("Accept-Language", "en")


def keeps_one_page_for_all_tokens(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"key": cache.get_or_set("of-a-key", lambda: request.headers["X-Key"])})


def keeps_one_page_for_each_token(request: HttpRequest) -> HttpResponse:
    key = request.headers["X-Key"]
    return JsonResponse({"key": cache.get_or_set(f"of-{key}", key)})


def keeps_one_page_for_each_user(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"name": cache.get_or_set(f"page {request.user.pk}", request.user.get_username)})


def keeps_a_count(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"customers": cache.get_or_set("customers", Customer.objects.count)})


def keeps_a_count_beside_a_token(request: HttpRequest) -> HttpResponse:
    return JsonResponse(
        {"customers": cache.get_or_set("customers", Customer.objects.count), "token": get_token(request)}
    )


def keeps_addresses(request: HttpRequest) -> HttpResponse:
    found = cache.get_or_set("addresses", lambda: sorted(Customer.objects.values_list("email", flat=True)))
    return JsonResponse({"addresses": found})


def adds_a_customer(request: HttpRequest) -> HttpResponse:
    Customer.objects.create(name="Bob", email="bob@faults.example")
    return JsonResponse({}, status=200)


def leaves_a_thread(request: HttpRequest) -> HttpResponse:
    threading.Thread(target=GO.wait, args=(20,), daemon=True).start()
    return JsonResponse({})


def _ask(answered: threading.Event, *, stays: bool) -> None:
    started = time.monotonic()
    Customer.objects.exists()
    connection.close()
    answered.set()
    if stays and time.monotonic() - started > GIVES_UP_AFTER_S:
        GO.wait(20)


def _asked(*, stays: bool) -> HttpResponse:
    answered = threading.Event()
    threading.Thread(target=_ask, args=(answered,), kwargs={"stays": stays}, daemon=True).start()
    return JsonResponse({}, status=200 if answered.wait(GIVES_UP_AFTER_S) else 503)


def leaves_who_asked_in_vain(request: HttpRequest) -> HttpResponse:
    return _asked(stays=True)


def ends_who_asked_in_vain(request: HttpRequest) -> HttpResponse:
    return _asked(stays=False)


def leaves_a_thread_for_a_moment(request: HttpRequest) -> HttpResponse:
    threading.Thread(target=time.sleep, args=(0.5,), daemon=True).start()
    return JsonResponse({})


def leaves_a_file(request: HttpRequest) -> HttpResponse:
    path_of_file = Path(gettempdir()) / f"faults-{os.getpid()}"
    OPENED.append(path_of_file.open("w"))
    return JsonResponse({})


def leaves_a_session(request: HttpRequest) -> HttpResponse:
    with ThreadPoolExecutor(max_workers=1) as pool:
        return JsonResponse({"found": pool.submit(Customer.objects.count).result(timeout=20)})


@functools.cache
def _place_of(cursor: str) -> int:
    return int(cursor)


def remembers_each_page(request: HttpRequest) -> HttpResponse:
    place = _place_of(request.GET.get("cursor") or "0")
    return JsonResponse({"results": [place], "next": f"/remembers-each-page/?cursor={place + 7}"})


def hints_at_a_name(request: HttpRequest) -> HttpResponse:
    return JsonResponse(
        {"hint": "as in ann@rows.example", "names": list(Customer.objects.values_list("email", flat=True))}
    )


POOL = ThreadPoolExecutor(max_workers=1)


def keeps_one_session(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"found": POOL.submit(Customer.objects.count).result(timeout=20)})


VIEWS = (
    *(
        remembers,
        remembers_each_word,
        greets_all_in_one_language,
        greets_each_in_their_language,
        keeps_one_page_for_all_tokens,
        keeps_one_page_for_each_token,
        remembers_one,
        remembers_names,
        reads_names,
        leaves_a_thread,
        leaves_a_thread_for_a_moment,
        leaves_who_asked_in_vain,
        ends_who_asked_in_vain,
        leaves_a_file,
        leaves_a_session,
        keeps_one_session,
        remembers_each_page,
        hints_at_a_name,
    ),
    *(modified_by_a_name, modified_by_the_order),
    *(keeps_one_page_for_all_users, keeps_one_page_for_each_user),
    *(keeps_one_answer_for_all, keeps_one_answer_for_each, keeps_a_count, adds_a_customer, keeps_addresses),
    keeps_a_count_beside_a_token,
)

BY_ROW = [
    path(f"{view.__name__.replace('_', '-')}/<int:pk>/", view)
    for view in (notes_each_outage, notes_the_last_outage, remembers_each, fails_for_the_second)
]
