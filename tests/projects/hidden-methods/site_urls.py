"""Views of a GraphQL endpoint, of operations, with a `dispatch()` of their own, and functions behind a wrapper."""

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views import View
from django.views.decorators.csrf import csrf_exempt
from operations import Operations
from rest_framework import serializers, viewsets
from rest_framework.routers import DefaultRouter
from stock.models import Part

api = Operations()


@api.on("GET", "items")
def items(request: HttpRequest) -> dict[str, Any]:
    return {"names": [part.name for part in Part.objects.order_by("pk")]}


@api.on("POST", "items")
def new_item(request: HttpRequest) -> dict[str, Any]:
    return {"id": Part.objects.create(name="new").pk}


@api.on("DELETE", "items/<int:pk>")
def drop_item(request: HttpRequest, pk: int) -> dict[str, Any]:
    return {"deleted": Part.objects.filter(pk=pk).delete()[0]}


class GraphQL(View):
    """A GraphQL endpoint: queries and mutations in the body of a POST, or a query in the address."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in {"GET", "POST"}:
            return HttpResponse(status=405)
        text = request.GET.get("query", "") if request.method == "GET" else json.loads(request.body or b"{}")["query"]
        if not text:
            return JsonResponse({"errors": [{"message": "Must provide query string."}]}, status=400)
        if text.startswith("mutation"):
            Part.objects.create(name="mutated")
        return JsonResponse({"data": {"parts": [part.name for part in Part.objects.order_by("pk")]}})


class Hook(View):
    """Receives web hooks of every method."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        Part.objects.create(name="hook")
        return HttpResponse("ok")


class Both(View):
    """Answers GET, and POST where its path does not forbid it."""

    def get(self, request: HttpRequest) -> JsonResponse:
        return JsonResponse({"names": [part.name for part in Part.objects.order_by("pk")]})

    def post(self, request: HttpRequest) -> JsonResponse:
        return JsonResponse({"id": Part.objects.create(name="posted").pk})


class CallableView:
    """An object that is called like a function."""

    def __call__(self, request: HttpRequest) -> JsonResponse:
        if request.method == "POST":
            Part.objects.create(name="callable")
        return JsonResponse({})


class PartSerializer(serializers.ModelSerializer):
    """A part as the API shows it."""

    class Meta:
        model = Part
        fields = ("id", "name")


class PartViewSet(viewsets.ModelViewSet):
    """Parts that may be read and changed, and neither made nor deleted."""

    queryset = Part.objects.order_by("pk")
    serializer_class = PartSerializer
    http_method_names = ("get", "patch", "head", "options")


def logged(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return view(request, *args, **kwargs)

    return wrapper


def plain(request: HttpRequest) -> JsonResponse:
    def inner() -> None:
        if request.method == "POST":
            Part.objects.create(name="plain")

    inner()
    return JsonResponse({})


@logged
def undecorated(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        Part.objects.create(name="undecorated")
    return JsonResponse({})


async def asynchronous(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"names": [part.name async for part in Part.objects.order_by("pk")]})


router = DefaultRouter()
router.register("parts", PartViewSet)
urlpatterns = [
    path("graphql/", csrf_exempt(GraphQL.as_view())),
    path("operations/", include(api.urls)),
    path("", include(router.urls)),
    path("hook/", csrf_exempt(Hook.as_view())),
    path("both/", csrf_exempt(Both.as_view())),
    path("read-only/", Both.as_view(http_method_names=["get"])),
    path("plain/", csrf_exempt(plain)),
    path("undecorated/", csrf_exempt(undecorated)),
    path("callable/", CallableView()),
    path("asynchronous/", asynchronous),
]
