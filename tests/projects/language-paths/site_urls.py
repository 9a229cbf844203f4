"""Paths below a language, one of them translated, and one that has none."""

from django.conf.urls.i18n import i18n_patterns
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from stock.models import Part


def parts(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"language": get_language(), "names": [part.name for part in Part.objects.order_by("pk")]})


def part(request: HttpRequest, pk: int) -> JsonResponse:
    return JsonResponse({"name": get_object_or_404(Part, pk=pk).name})


urlpatterns = [
    path("health/", parts),
    *i18n_patterns(path(_("parts/"), parts), path("parts/<int:pk>/", part)),
]
