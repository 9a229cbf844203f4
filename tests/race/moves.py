"""A project that moves lines and money from one row to another, by locks in its own order or in one order for all."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from service.orders.models import Customer, Order, OrderItem


def moved(request: HttpRequest, item: int, order: int) -> HttpResponse:
    with transaction.atomic():
        Order.objects.select_for_update().get(pk=order)
        left = OrderItem.objects.get(pk=item).order_id
        Order.objects.select_for_update().get(pk=left)
    return JsonResponse({})


def moved_in_one_order(request: HttpRequest, item: int, order: int) -> HttpResponse:
    with transaction.atomic():
        left = OrderItem.objects.get(pk=item).order_id
        list(Order.objects.select_for_update().filter(pk__in=[order, left]).order_by("pk"))
    return JsonResponse({})


def paid(request: HttpRequest, giver: int, taker: int) -> HttpResponse:
    with transaction.atomic():
        for pk in (giver, taker):
            Customer.objects.filter(pk=pk).update(is_active=True)
    return JsonResponse({})


def paid_in_one_order(request: HttpRequest, giver: int, taker: int) -> HttpResponse:
    with transaction.atomic():
        for pk in sorted((giver, taker)):
            Customer.objects.filter(pk=pk).update(is_active=True)
    return JsonResponse({})


urlpatterns = [
    path("moved/<int:item>/<int:order>/", moved),
    path("moved-in-one-order/<int:item>/<int:order>/", moved_in_one_order),
    path("paid/<int:giver>/<int:taker>/", paid),
    path("paid-in-one-order/<int:giver>/<int:taker>/", paid_in_one_order),
]
