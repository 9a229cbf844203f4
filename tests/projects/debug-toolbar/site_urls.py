"""A list of parts, with the toolbar's paths under DEBUG alone."""

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from stock.models import Part


def parts(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"names": [part.name for part in Part.objects.order_by("pk")]})


urlpatterns = [path("parts/", parts)]
if settings.DEBUG:
    urlpatterns += [path("__debug__/", include("debug_toolbar.urls"))]
