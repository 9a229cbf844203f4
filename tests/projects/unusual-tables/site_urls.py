"""Reading and writing of each kind of table."""

import datetime as dt

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from stock.models import BigCafe, Cafe, Event, Line, Note, Place, Stamp, Total


@require_GET
def lines(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"rows": [{"pk": list(line.pk), "total": line.total} for line in Line.objects.order_by("pk")]})


@require_GET
def line(request: HttpRequest, tenant: int, number: int) -> JsonResponse:
    return JsonResponse({"total": Line.objects.get(pk=(tenant, number)).total})


@require_GET
def stamps(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"rows": [[stamp.note, stamp.made_at.isoformat()] for stamp in Stamp.objects.order_by("pk")]})


@csrf_exempt
@require_POST
def stamp(request: HttpRequest) -> JsonResponse:
    made = Stamp.objects.create()
    made.refresh_from_db()
    return JsonResponse({"at": made.made_at.isoformat(), "note": made.note})


@require_GET
def cafes(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"rows": [[cafe.name, cafe.seats] for cafe in BigCafe.objects.order_by("pk")]})


@csrf_exempt
@require_POST
def cafe(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"id": Cafe.objects.create(name="new", seats=3).pk})


@require_GET
def notes(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"rows": [str(note.about) for note in Note.objects.order_by("pk")]})


@require_GET
def totals(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"rows": list(Total.objects.order_by("tenant_name").values())})


@require_GET
def events(request: HttpRequest) -> JsonResponse:
    found = Event.objects.filter(day__gte=dt.date(2026, 6, 1)).order_by("pk")
    return JsonResponse({"ids": list(found.values_list("pk", flat=True))})


@csrf_exempt
@require_POST
def event(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"id": Event.objects.create(id=999, day=dt.date(2026, 7, 4)).pk})


@csrf_exempt
@require_POST
def moved_event(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"moved": Event.objects.filter(id=1).update(day=dt.date(2026, 7, 5))})


@csrf_exempt
@require_POST
@transaction.atomic(durable=True)
def durable(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"id": Place.objects.create(name="durable").pk})


urlpatterns = [
    path("lines/", lines),
    path("lines/<int:tenant>/<int:number>/", line),
    path("stamps/", stamps),
    path("stamp/", stamp),
    path("cafes/", cafes),
    path("cafe/", cafe),
    path("notes/", notes),
    path("totals/", totals),
    path("events/", events),
    path("event/", event),
    path("moved-event/", moved_event),
    path("durable/", durable),
]
