"""A list for those who are logged in, which counts its visits in the session."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.urls import path
from stock.models import Part


@login_required
def parts(request: HttpRequest) -> JsonResponse:
    request.session["visits"] = request.session.get("visits", 0) + 1
    return JsonResponse({"names": [part.name for part in Part.objects.order_by("pk")]})


urlpatterns = [path("parts/", parts)]
