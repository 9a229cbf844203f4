"""Views of the small site."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.views import View
from django.views.generic import CreateView
from rest_framework import permissions, serializers, viewsets

from stock.models import Note, Part, Report, Slot


@login_required
def mine(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"rows": [part.name for part in Part.objects.filter(owner=request.user).order_by("name")]})


def parts(_request: HttpRequest) -> HttpResponse:
    rows = Part.objects.select_related("maker").order_by("name")
    return JsonResponse({"rows": [{"id": str(row.pk), "maker": row.maker.name} for row in rows]})


def part(_request: HttpRequest, pk: Any) -> HttpResponse:
    return JsonResponse({"name": get_object_or_404(Part, pk=pk).name})


def by_year(_request: HttpRequest, year: int) -> HttpResponse:
    return JsonResponse({"n": Report.objects.filter(year=year).count()})


def by_code(_request: HttpRequest, code: str) -> HttpResponse:
    return JsonResponse({"n": Report.objects.filter(code=code).count()})


class Hook(View):
    """Receives web hooks of every method."""

    def dispatch(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponseBase:
        if request.method == "POST":
            Report.objects.create()
            return HttpResponse("ok")
        return HttpResponse(status=405)


class NewPart(CreateView):  # type: ignore[type-arg]
    """A form of a page."""

    model = Part
    fields = ["name", "maker", "owner"]
    success_url = "/parts/"
    template_name = "form.html"


def search(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"n": Report.objects.filter(code=request.GET.get("q", "nothing")).count()})


def closed(_request: HttpRequest) -> HttpResponse:
    return redirect("/login/?next=/closed/")


def about(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("about us")


def broken(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("out of order")


def slots(_request: HttpRequest) -> HttpResponse:
    return JsonResponse({"n": Slot.objects.count()})


class NoteSerializer(serializers.ModelSerializer):  # type: ignore[type-arg]
    """A note."""

    class Meta:
        model = Note
        fields = ["id", "part", "text", "kind"]


class NoteSet(viewsets.ModelViewSet):  # type: ignore[type-arg]
    """Notes, for those who have a token."""

    queryset = Note.objects.order_by("pk")
    serializer_class = NoteSerializer
    permission_classes = [permissions.IsAuthenticated]
