"""A list for those who are logged in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.urls import path
from stock.models import Part


@login_required
def parts(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"rows": list(Part.objects.order_by("pk").values("id", "name"))})


urlpatterns = [path("parts/", parts)]
