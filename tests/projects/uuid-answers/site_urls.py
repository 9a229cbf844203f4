"""Paths that take a key as text, and answers that show it."""

from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from stock.models import Part


def parts(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"rows": [{"id": str(one.pk), "name": one.name} for one in Part.objects.order_by("name")]})


def part(request: HttpRequest, pk: object) -> JsonResponse:
    found = get_object_or_404(Part, pk=pk)
    return JsonResponse({"id": str(found.pk), "name": found.name})


urlpatterns = [path("parts/", parts), path("parts/<str:pk>/", part)]
