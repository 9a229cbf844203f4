"""Each app's items, by a parameter of one name."""

from depot import models as depot
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from shop import models as shop


def shop_items(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"slugs": [item.slug for item in shop.Item.objects.order_by("pk")]})


def shop_item(request: HttpRequest, slug: str) -> JsonResponse:
    return JsonResponse({"price_cents": get_object_or_404(shop.Item, slug=slug).price_cents})


def depot_items(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"codes": [item.code for item in depot.Item.objects.order_by("pk")]})


def depot_item(request: HttpRequest, item: str) -> JsonResponse:
    return JsonResponse({"shelf": get_object_or_404(depot.Item, code=item).shelf})


urlpatterns = [
    path("shop/items/", shop_items),
    path("shop/items/<slug:slug>/", shop_item),
    path("depot/items/", depot_items),
    path("depot/items/<str:item>/", depot_item),
]
