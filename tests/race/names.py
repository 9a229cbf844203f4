"""A project with one endpoint a fault, and its mended twin: all of them write a customer's name or an order."""

from threading import Lock

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path

from service.orders.models import Customer, Order

_ONE_AT_A_TIME = Lock()


def append_unlocked(request: HttpRequest, pk: int) -> HttpResponse:
    name = Customer.objects.values_list("name", flat=True).get(pk=pk)
    Customer.objects.filter(pk=pk).update(name=name + "+")
    return JsonResponse({})


def append_locked(request: HttpRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        name = Customer.objects.select_for_update().values_list("name", flat=True).get(pk=pk)
        Customer.objects.filter(pk=pk).update(name=name + "+")
    return JsonResponse({})


def customer_then_order(request: HttpRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        Customer.objects.filter(pk=pk).update(is_active=False)
        Order.objects.filter(customer=pk).update(is_archived=True)
    return JsonResponse({})


def order_then_customer(request: HttpRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        Order.objects.filter(customer=pk).update(is_archived=True)
        Customer.objects.filter(pk=pk).update(is_active=False)
    return JsonResponse({})


def _renamed(pk: int) -> str:
    """Take a name that tells who came: one for each letter that is there already."""
    name = Customer.objects.select_for_update().values_list("name", flat=True).get(pk=pk) + "!"
    Customer.objects.filter(pk=pk).update(name=name)
    return name


def answered_late(request: HttpRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        _renamed(pk)
    return JsonResponse({"name": Customer.objects.get(pk=pk).name})


def answered_inside(request: HttpRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        return JsonResponse({"name": _renamed(pk)})


def answered_by_get(request: HttpRequest, pk: int) -> HttpResponse:
    changed = Order.objects.filter(pk=pk).update(is_archived=True)
    if not changed:
        return JsonResponse({}, status=404)
    return JsonResponse({"status": Order.objects.get(pk=pk).status})


def answered_by_write(request: HttpRequest, pk: int) -> HttpResponse:
    changed = Order.objects.filter(pk=pk).update(is_archived=True)
    return JsonResponse({}, status=200 if changed else 404)


def removed(request: HttpRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        locked = Order.objects.select_for_update().filter(pk=pk).first()
        if locked is None:
            return JsonResponse({}, status=404)
        locked.delete()
    return HttpResponse(status=204)


def under_a_lock_of_python(request: HttpRequest, pk: int) -> HttpResponse:
    with _ONE_AT_A_TIME, transaction.atomic():
        Customer.objects.select_for_update().get(pk=pk)
        Customer.objects.filter(pk=pk).update(is_active=False)
    return JsonResponse({})


def ordered_twice(request: HttpRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        made = [Order.objects.create(customer_id=pk, status=status).pk for status in ("draft", "paid")]
    return JsonResponse({"ids": made}, status=201)


VIEWS = (
    append_unlocked,
    append_locked,
    customer_then_order,
    order_then_customer,
    answered_late,
    answered_inside,
    answered_by_get,
    answered_by_write,
    removed,
    under_a_lock_of_python,
    ordered_twice,
)
urlpatterns = [path(f"{view.__name__.replace('_', '-')}/<int:pk>/", view) for view in VIEWS]
