"""A project with one endpoint a fault, and its mended twin."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.core.mail import send_mail
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models.expressions import RawSQL
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template import Context, Template
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe

from service.orders.models import Customer
from tests.probe import leaky_views, limit_views, variant_views


def torn(request: HttpRequest) -> HttpResponse:
    Customer.objects.create(name="Bob", email="bob@faults.example")
    Customer.objects.create(name="Eve", email="eve@faults.example")
    return JsonResponse({})


def whole(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        return torn(request)


def retires_everybody(request: HttpRequest) -> HttpResponse:
    Customer.objects.update(is_active=False)
    return JsonResponse({})


def told_as_graphql_does(request: HttpRequest) -> HttpResponse:
    try:
        with transaction.atomic():
            Customer.objects.update(is_active=False)
    except DatabaseError as error:
        return JsonResponse({"data": None, "errors": [{"message": str(error)}]})
    return JsonResponse({"data": {"retired": True}})


def notes_a_step(request: HttpRequest) -> HttpResponse:
    request.session = SessionStore()
    request.session["step"] = 1
    request.session.save()
    with transaction.atomic():
        return torn(request)


def torn_in_one_row(request: HttpRequest) -> HttpResponse:
    customer = Customer.objects.get(email="ann@rows.example")
    Customer.objects.filter(pk=customer.pk).update(name="Eve")
    Customer.objects.filter(pk=customer.pk).update(is_active=False)
    return JsonResponse({})


def _repeated(write: Any) -> Any:
    try:
        return write()
    except OperationalError:
        return write()


def retried(request: HttpRequest) -> HttpResponse:
    return _repeated(lambda: retried_once(request))  # type: ignore[no-any-return]


def retried_as_a_whole(request: HttpRequest) -> HttpResponse:
    return _repeated(transaction.atomic(lambda: retried_once(request)))  # type: ignore[no-any-return]


def retried_once(request: HttpRequest) -> HttpResponse:
    Customer.objects.create(name="Bob", email=f"{Customer.objects.count()}@faults.example")
    return JsonResponse({})


def retried_by_name(request: HttpRequest) -> HttpResponse:
    _repeated(lambda: Customer.objects.get_or_create(email="bob@faults.example", defaults={"name": "Bob"}))
    return JsonResponse({})


def blames_the_client(request: HttpRequest) -> HttpResponse:
    try:
        return whole(request)
    except DatabaseError:
        return JsonResponse({}, status=409)


def nothing_there(request: HttpRequest) -> HttpResponse:
    try:
        return whole(request)
    except DatabaseError:
        raise Http404 from None


def sorted_by_name(request: HttpRequest) -> HttpResponse:
    rows = Customer.objects.order_by(request.GET.get("sort") or "pk")
    return JsonResponse({"found": [customer.pk for customer in rows]})


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


def after_commit_anew(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        transaction.on_commit(lambda: None)
        Customer.objects.create(name="Bob", email=f"bob{Customer.objects.count()}@faults.example")
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


def raw_in_capitals(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        name = request.GET["name"].upper()
        cursor.execute(f"SELECT count(*) FROM orders_customer WHERE UPPER(name) = '{name}'")  # noqa: S608
    return JsonResponse({})


def ends_with(request: HttpRequest) -> HttpResponse:
    before, _, domain = request.GET["name"].partition("@")
    if domain:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM orders_customer WHERE REVERSE(name) LIKE '{before[::-1]}%%'")  # noqa: S608
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


def leads_anywhere(request: HttpRequest) -> HttpResponse:
    return redirect(request.GET["name"])


def leads_within_this_site(request: HttpRequest) -> HttpResponse:
    is_here = url_has_allowed_host_and_scheme(request.GET["name"], allowed_hosts=None)
    return redirect(f"/{request.GET['name'].strip('/')}" if is_here else "/")


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


VIEWS = (
    *(
        torn,
        torn_in_one_row,
        whole,
        retried,
        retried_as_a_whole,
        retried_by_name,
        blames_the_client,
        nothing_there,
        sorted_by_name,
        lock_kept,
        lock_given_back,
        swallowed,
        after_commit,
        after_commit_anew,
        raw,
        notes_a_step,
        raw_in_capitals,
        ends_with,
        quoted,
        bound,
        unescaped,
        retires_everybody,
        told_as_graphql_does,
        leads_anywhere,
        leads_within_this_site,
    ),
    *limit_views.VIEWS,
    *(sorted_as_asked, looks_for_a_name, built_elsewhere),
    *(shows_stored_markup, escapes_stored_markup, marks_safe, mails_too_early, mails_in_time),
    *leaky_views.VIEWS,
    *variant_views.VIEWS,
)
urlpatterns = [*(path(f"{view.__name__.replace('_', '-')}/", view) for view in VIEWS), *leaky_views.BY_ROW]
