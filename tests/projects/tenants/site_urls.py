"""The parts of the tenant whose host was asked."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from stock.models import Part, Tenant


def of_tenant(get_response: Callable[[Any], HttpResponse]) -> Callable[[Any], HttpResponse]:
    def middleware(request: Any) -> HttpResponse:
        request.tenant = get_object_or_404(Tenant, domain=request.get_host().partition(":")[0])
        return get_response(request)

    return middleware


def parts(request: Any) -> JsonResponse:
    return JsonResponse({"names": [part.name for part in Part.objects.filter(tenant=request.tenant).order_by("pk")]})


def domains(request: HttpRequest) -> JsonResponse:
    rows = Part.objects.order_by("pk")
    return JsonResponse({"domains": [part.tenant.domain for part in rows]})


urlpatterns = [path("parts/", parts), path("domains/", domains)]
