"""Tags and slots, listed."""

from django.http import HttpRequest, JsonResponse
from django.urls import path
from stock.models import Slot, Tag


def tags(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"names": [tag.name for tag in Tag.objects.order_by("pk")]})


def slots(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"starts": [slot.starts.isoformat() for slot in Slot.objects.order_by("pk")]})


urlpatterns = [path("tags/", tags), path("slots/", slots)]
