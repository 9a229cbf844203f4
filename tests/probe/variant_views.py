"""Views that do more, or fail, on rows of one kind alone; and their mended twins."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from service.orders.models import Customer, Order


def again_without_lines(request: HttpRequest) -> HttpResponse:
    orders = Order.objects.prefetch_related("items").all()
    for order in orders:
        if not order.items.all():
            order.refresh_from_db()
    return JsonResponse({})


def once_without_lines(request: HttpRequest) -> HttpResponse:
    orders = list(Order.objects.prefetch_related("items").all())
    if not any(order.items.all() for order in orders):
        Customer.objects.count()
    return JsonResponse({})


def pages(request: HttpRequest) -> HttpResponse:
    size, page = int(request.GET["size"]), int(request.GET.get("page", 1))
    orders = Order.objects.order_by("pk")[(page - 1) * size : page * size]
    shown = [order.customer.name if page > 1 else order.pk for order in orders]
    return JsonResponse({"orders": shown})


def pages_of_one_kind(request: HttpRequest) -> HttpResponse:
    size, page = int(request.GET["size"]), int(request.GET.get("page", 1))
    orders = Order.objects.select_related("customer").order_by("pk")[(page - 1) * size : page * size]
    return JsonResponse({"orders": [order.customer.name for order in orders]})


def drafts_one_by_one(request: HttpRequest) -> HttpResponse:
    orders = Order.objects.order_by("pk")
    if request.GET.get("status") == "draft":
        return JsonResponse({"orders": [order.customer.name for order in orders.filter(status="draft")]})
    return JsonResponse({"orders": len(orders)})


def divides(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"share": sum(100 / order.items.count() for order in Order.objects.all())})


def by_line(request: HttpRequest) -> HttpResponse:
    orders = Order.objects.order_by("pk")
    if sku := request.GET.get("sku"):
        orders = orders.filter(items__sku=sku)
    return JsonResponse({"orders": [order.pk for order in orders]})


def by_line_once(request: HttpRequest) -> HttpResponse:
    orders = Order.objects.order_by("pk")
    if sku := request.GET.get("sku"):
        orders = orders.filter(items__sku=sku).distinct()
    if name := request.GET.get("customer"):
        orders = orders.filter(customer=int(name))
    return JsonResponse({"orders": [order.pk for order in orders]})


def by_size_one_by_one(request: HttpRequest) -> HttpResponse:
    orders = Order.objects.order_by("pk")
    if "wide" in request.GET:
        return JsonResponse({"orders": [order.customer.name for order in orders]})
    return JsonResponse({"orders": len(orders)})


VIEWS = (
    by_line,
    by_line_once,
    by_size_one_by_one,
    again_without_lines,
    once_without_lines,
    divides,
    pages,
    pages_of_one_kind,
    drafts_one_by_one,
)
