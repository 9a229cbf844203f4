"""Views that list rows in an order or in none, keep what bodies say, and answer a method or leave it."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_GET, require_safe

from service.orders.models import OrderItem

KEPT: dict[str, int] = {}


def in_order(request: HttpRequest) -> HttpResponse:
    """List in the order of the keys."""
    return JsonResponse({"skus": [one.sku for one in OrderItem.objects.order_by("pk")]})


def in_no_order(request: HttpRequest) -> HttpResponse:
    """List as the rows come."""
    return JsonResponse({"skus": [one.sku for one in OrderItem.objects.order_by()]})


def sorted_here(request: HttpRequest) -> HttpResponse:
    """Sort what comes in no order."""
    return JsonResponse({"skus": sorted(OrderItem.objects.order_by().values_list("sku", flat=True))})


def keeps_names(request: HttpRequest) -> HttpResponse:
    """Keep each name that was sent, whether or not it is taken."""
    body: dict[str, Any] = json.loads(request.body)
    KEPT[body["customer"]["name"]] = 1
    return JsonResponse({})


def keeps_fields(request: HttpRequest) -> HttpResponse:
    """Keep the name of each parameter that is not known."""
    KEPT.update(dict.fromkeys(request.GET, 1))
    return JsonResponse({}, status=400 if request.GET else 200)


def keeps_numbers(request: HttpRequest) -> HttpResponse:
    """Keep one entry of all that is sent."""
    KEPT["last"] = len(request.body)
    return JsonResponse({})


@require_safe
def safe(request: HttpRequest) -> HttpResponse:
    """Answer GET and HEAD."""
    return JsonResponse({})


urlpatterns = [
    path("in-order/", in_order),
    path("in-no-order/", in_no_order),
    path("sorted-here/", sorted_here),
    path("keeps-names/", keeps_names),
    path("keeps-numbers/", keeps_numbers),
    path("keeps-fields/", keeps_fields),
    path("safe/", safe),
    path("get-alone/", require_GET(lambda _: JsonResponse({}))),
]
