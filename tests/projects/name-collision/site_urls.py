"""Paths that any simple way of naming calls the same."""

from django.http import HttpRequest, JsonResponse
from django.urls import path
from stock.models import Part


def parts(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"names": [part.name for part in Part.objects.order_by("pk")]})


urlpatterns = [
    path("price_list/", parts),
    path("price-list/", parts),
    path("parts", parts),
    path("parts/", parts),
    path("", parts),
    path("root/", parts),
    path("Straße/", parts),
    path("UPPER/", parts),
]
