"""Parts with their labels and bookings."""

from django.http import HttpRequest, JsonResponse
from django.urls import path
from stock.models import Booking, Label, Part


def parts(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"names": [part.name for part in Part.objects.order_by("pk")]})


def labels(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"parts": [label.part.name for label in Label.objects.order_by("pk")]})


def bookings(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"parts": [booking.part.name for booking in Booking.objects.order_by("pk")]})


urlpatterns = [path("parts/", parts), path("labels/", labels), path("bookings/", bookings)]
