"""Views whose checks of a row's state, of fields and of files can be taken away."""

import json
from datetime import UTC
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone

from service.orders.models import Customer

ALL = frozenset({"state", "other fields", "required", "day", "ending"})
CHECKED: set[str] = set()


def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a customer's name, unless the customer is retired."""
    customer = Customer.objects.get(pk=pk)
    if "state" in CHECKED and not customer.is_active:
        return JsonResponse({}, status=409)
    body: dict[str, Any] = json.loads(request.body)
    if "required" in CHECKED and "name" not in body:
        return JsonResponse({}, status=400)
    if "in capitals" in CHECKED and "name" in body:
        body["name"] = body["name"].upper()
    allowed = {"name"} if "other fields" in CHECKED else {"name", "is_active"}
    if found := allowed & body.keys():
        Customer.objects.filter(pk=pk).update(**{name: body[name] for name in found})
    return JsonResponse({})


def dated(request: HttpRequest) -> HttpResponse:
    """Note the day in a customer's name."""
    now = timezone.now()
    day = timezone.localdate(now) if "day" in CHECKED else now.astimezone(UTC).date()
    Customer.objects.update(name=f"last seen on {day.isoformat()}")
    return JsonResponse({})


def upload(request: HttpRequest) -> HttpResponse:
    """Take a picture."""
    is_picture = str(getattr(request.FILES["file"], "name", "")).endswith(".png")
    return JsonResponse({}, status=200 if is_picture or "ending" not in CHECKED else 422)


urlpatterns = [path("customers/<int:pk>/", change), path("dated/", dated), path("upload/", upload)]
