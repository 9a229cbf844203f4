"""A project with one endpoint a fault, and its mended twin."""

import json
import os
import random
import re
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from django.core.cache import cache
from django.core.mail import send_mail
from django.db import DatabaseError, connection, transaction
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import Context, Template
from django.urls import path
from django.utils.safestring import mark_safe
from rest_framework import serializers

from service.orders.models import Customer, Order

SEEN: dict[str, int] = {}
OPENED: list[Any] = []
GO = threading.Event()


def torn(request: HttpRequest) -> HttpResponse:
    Customer.objects.create(name="Bob", email="bob@faults.example")
    Customer.objects.create(name="Eve", email="eve@faults.example")
    return JsonResponse({})


def whole(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        return torn(request)


def torn_in_one_row(request: HttpRequest) -> HttpResponse:
    customer = Customer.objects.get(email="ann@rows.example")
    Customer.objects.filter(pk=customer.pk).update(name="Eve")
    Customer.objects.filter(pk=customer.pk).update(is_active=False)
    return JsonResponse({})


def fields_compared_with_all(request: HttpRequest) -> HttpResponse:
    names = list(json.loads(request.body))
    return JsonResponse({}, status=400 if any(names.count(name) > 1 for name in names) else 200)


def blames_the_client(request: HttpRequest) -> HttpResponse:
    try:
        return whole(request)
    except DatabaseError:
        return JsonResponse({}, status=409)


def sorted_by_name(request: HttpRequest) -> HttpResponse:
    rows = Customer.objects.order_by(request.GET.get("sort") or "pk")
    return JsonResponse({"found": [customer.pk for customer in rows]})


NAMES: dict[int, str] = {}


def remembers_names(request: HttpRequest) -> HttpResponse:
    found = [NAMES.setdefault(customer.pk, customer.email) for customer in Customer.objects.order_by("pk")]
    return JsonResponse({"found": found})


def reads_names(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"found": [customer.email for customer in Customer.objects.order_by("pk")]})


def lock_kept(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(7)")
        with transaction.atomic():
            Customer.objects.create(name="Bob", email="bob@faults.example")
        cursor.execute("SELECT pg_advisory_unlock(7)")
    return JsonResponse({})


def lock_given_back(request: HttpRequest) -> HttpResponse:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(7)")
        Customer.objects.create(name="Bob", email="bob@faults.example")
    return JsonResponse({})


def swallowed(request: HttpRequest) -> HttpResponse:
    try:
        whole(request)
    except DatabaseError:
        return JsonResponse({}, status=200)
    return JsonResponse({})


def after_commit(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        transaction.on_commit(lambda: None)
        Customer.objects.create(name="Bob", email="bob@faults.example")
    return JsonResponse({})


def mails_too_early(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        Customer.objects.create(name="Bob", email="bob@faults.example")
        send_mail("Welcome", "Bob", "shop@faults.example", ["bob@faults.example"])
        cache.set("newest", "Bob")
    return JsonResponse({})


def mails_in_time(request: HttpRequest) -> HttpResponse:
    cache.set("asked", "Bob")
    with transaction.atomic():
        Customer.objects.create(name="Bob", email="bob@faults.example")
    send_mail("Welcome", "Bob", "shop@faults.example", ["bob@faults.example"])
    cache.set("newest", "Bob")
    return JsonResponse({})


def raw(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM orders_customer WHERE name = '{request.GET['name']}'")  # noqa: S608
    return JsonResponse({})


def quoted(request: HttpRequest) -> HttpResponse:
    name = request.GET["name"].replace("'", "''").replace("%", "%%")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM orders_customer WHERE name = '{name}'")  # noqa: S608
    return JsonResponse({})


def bound(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"found": Customer.objects.filter(name=request.GET["name"]).count()})


def unescaped(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"<p>{request.GET['name']}</p>")


def sorted_as_asked(request: HttpRequest) -> HttpResponse:
    sort = request.GET.get("sort", "id")
    list(Customer.objects.order_by(RawSQL(sort, ())))  # noqa: S611
    return JsonResponse({})


def looks_for_a_name(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"found": Customer.objects.filter(name=request.GET.get("other", "")).count()})


def built_elsewhere(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"found": len(_narrowed(request.GET["name"]))})


def _narrowed(name: str) -> Any:
    return Customer.objects.extra(where=[f"name = '{name}'"])  # noqa: S610


def shows_stored_markup(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Template("{% for one in all %}{{ one.name|safe }}{% endfor %}").render(_all_customers()))


def escapes_stored_markup(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Template("{% for one in all %}{{ one.name }}{% endfor %}").render(_all_customers()))


def marks_safe(request: HttpRequest) -> HttpResponse:
    return HttpResponse(mark_safe(f"<b>{Customer.objects.all()[0].name}</b>"))  # noqa: S308


def _all_customers() -> Context:
    return Context({"all": Customer.objects.all()})


class NameSerializer(serializers.Serializer[Any]):
    """A name of ten characters at most."""

    name = serializers.CharField(max_length=10, trim_whitespace=False)


class CustomerSerializer(serializers.ModelSerializer[Customer]):
    """A customer whose id the client may choose."""

    id = serializers.IntegerField(required=False)

    class Meta:
        model = Customer
        fields = ["id", "name", "email"]


def cut(request: HttpRequest) -> HttpResponse:
    serializer = NameSerializer(data=_body(request))
    if not serializer.is_valid():
        return JsonResponse({}, status=400)
    name = serializer.validated_data["name"]
    name = name[:5]
    return JsonResponse({"name": name})


def kept_whole(request: HttpRequest) -> HttpResponse:
    serializer = NameSerializer(data=_body(request))
    if not serializer.is_valid():
        return JsonResponse({}, status=400)
    return JsonResponse({"name": serializer.validated_data["name"]})


def killed_by_a_list(request: HttpRequest) -> HttpResponse:
    if isinstance(_body(request).get("name"), list):
        os.kill(os.getpid(), signal.SIGSEGV)
    return JsonResponse({})


def backtracking(request: HttpRequest) -> HttpResponse:
    name = _body(request).get("name")
    matched = isinstance(name, str) and re.match(r"^([A-Za-z0-9]+-?)*\Z", name)
    return JsonResponse({}, status=200 if matched else 400)


def sampled(request: HttpRequest) -> HttpResponse:
    if random.random() < 0.001:  # noqa: S311
        raise KeyError("version")
    return JsonResponse({})


def assigned(request: HttpRequest) -> HttpResponse:
    serializer = CustomerSerializer(data=_body(request))
    if not serializer.is_valid():
        return JsonResponse({}, status=400)
    serializer.save()
    return JsonResponse(serializer.data, status=201)


def _body(request: HttpRequest) -> dict[str, Any]:
    """Read a body as strictly as the limits ask for."""
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


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


def remembers(request: HttpRequest) -> HttpResponse:
    SEEN[request.headers["User-Agent"]] = 1
    return JsonResponse({})


def remembers_one(request: HttpRequest) -> HttpResponse:
    SEEN["last"] = 1
    return JsonResponse({})


def keeps_one_answer_for_all(request: HttpRequest) -> HttpResponse:
    found = cache.get_or_set("answer", lambda: request.GET["name"])
    return JsonResponse({"name": found})


def keeps_one_answer_for_each(request: HttpRequest) -> HttpResponse:
    found = cache.get_or_set(f"answer {request.GET['name']}", lambda: request.GET["name"])
    return JsonResponse({"name": found})


def keeps_a_count(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"customers": cache.get_or_set("customers", Customer.objects.count)})


def adds_a_customer(request: HttpRequest) -> HttpResponse:
    Customer.objects.create(name="Bob", email="bob@faults.example")
    return JsonResponse({}, status=200)


def leaves_a_thread(request: HttpRequest) -> HttpResponse:
    threading.Thread(target=GO.wait, args=(20,), daemon=True).start()
    return JsonResponse({})


def leaves_a_file(request: HttpRequest) -> HttpResponse:
    path_of_file = Path(gettempdir()) / f"faults-{os.getpid()}"
    OPENED.append(path_of_file.open("w"))
    return JsonResponse({})


def leaves_a_session(request: HttpRequest) -> HttpResponse:
    with ThreadPoolExecutor(max_workers=1) as pool:
        return JsonResponse({"found": pool.submit(Customer.objects.count).result(timeout=20)})


VIEWS = (
    *(
        torn,
        torn_in_one_row,
        whole,
        blames_the_client,
        sorted_by_name,
        remembers_names,
        reads_names,
        lock_kept,
        lock_given_back,
        fields_compared_with_all,
        swallowed,
        after_commit,
        raw,
        quoted,
        bound,
        unescaped,
        cut,
        kept_whole,
        killed_by_a_list,
    ),
    *(backtracking, sampled, assigned, again_without_lines, once_without_lines, divides, remembers, remembers_one),
    *(leaves_a_thread, leaves_a_file, leaves_a_session, sorted_as_asked, looks_for_a_name, built_elsewhere),
    *(shows_stored_markup, escapes_stored_markup, marks_safe, mails_too_early, mails_in_time),
    *(keeps_one_answer_for_all, keeps_one_answer_for_each, keeps_a_count, adds_a_customer),
    *(pages, pages_of_one_kind, drafts_one_by_one),
)
urlpatterns = [path(f"{view.__name__.replace('_', '-')}/", view) for view in VIEWS]
