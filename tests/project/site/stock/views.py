"""Views of the small site."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import CharField, Form
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
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


def withheld(_request: HttpRequest) -> HttpResponse:
    if Part.objects.exists():
        raise Http404
    return HttpResponse("nothing yet")


def _check_owner() -> None:
    raise PermissionDenied("for the owner of the shop")


def reserved(_request: HttpRequest) -> HttpResponse:
    try:
        _check_owner()
    except PermissionDenied:
        # As libraries do that have a page of their own for it.
        return HttpResponse("<h1>No</h1>", status=403)


class Pledge(Form):
    """A form that nothing satisfies."""

    word = CharField()

    def clean_word(self) -> None:
        self.add_error("word", "not the word of the day")


def pledge(request: HttpRequest) -> HttpResponse:
    """Show the form again, and not what is wrong with it."""
    if request.method == "POST" and Pledge(request.POST).is_valid():
        Report.objects.create()
    return HttpResponse('<form method="post"><input name="word"></form>')
