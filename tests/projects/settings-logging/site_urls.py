"""One list of parts."""

from django.http import HttpRequest, JsonResponse
from django.urls import path
from stock.models import Part


def parts(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"rows": list(Part.objects.order_by("pk").values("id", "name"))})


urlpatterns = [path("parts/", parts)]
