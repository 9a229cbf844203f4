"""Pages that show rows of a class, of an owner, by a word of the code, below a path; and a form that takes a file."""

from desk.models import Drawer, Letter, Option, Paper, Remark
from django import forms
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.flatpages.models import FlatPage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path, re_path
from django.utils.module_loading import import_string


class UploadForm(forms.Form):
    """A drawer with a picture for a label."""

    label = forms.CharField(max_length=40)
    picture = forms.FileField()


def remarks(request: HttpRequest) -> JsonResponse:
    """Fails for a remark on what has no title."""
    return JsonResponse({"of": [one.about.title for one in Remark.objects.order_by("pk")]})


def papers(request: HttpRequest) -> JsonResponse:
    """Fails for a row whose type is none of a paper."""
    return JsonResponse({"senders": [one.as_real().sender for one in Paper.objects.order_by("pk")]})


def mine(request: HttpRequest) -> JsonResponse:
    found = Paper.objects.filter(owner_email=request.user.email)  # type: ignore[union-attr]
    return JsonResponse({"titles": [one.title for one in found.order_by("pk")]})


def total(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"sum": sum(int(one.value) for one in Option.objects.order_by("pk"))})


def handlers(request: HttpRequest) -> JsonResponse:
    """Fails for a path that leads to no code."""
    found = [import_string(one.handler_class) if one.handler_class else str for one in Option.objects.order_by("pk")]
    return JsonResponse({"handlers": [one.__name__ for one in found]})


def flat(request: HttpRequest, pk: int) -> JsonResponse:
    return JsonResponse({"title": get_object_or_404(FlatPage, pk=pk).title})


def after_first(request: HttpRequest, pk: int) -> JsonResponse:
    """The first row is nobody's to see."""
    first = Drawer.objects.order_by("pk").values_list("pk", flat=True)[:1]
    return JsonResponse({"label": get_object_or_404(Drawer.objects.exclude(pk__in=list(first)), pk=pk).label})


def by_word(request: HttpRequest, what: str) -> JsonResponse:
    if what not in {"drawers", "letters"}:
        raise Http404
    model = {"drawers": Drawer, "letters": Letter}[what]
    return JsonResponse({"number": [str(one) for one in model.objects.order_by("pk")]})  # type: ignore[attr-defined]


def of_model(request: HttpRequest, app_label: str, model_name: str, object_id: str) -> JsonResponse:
    try:
        model = apps.get_model(app_label, model_name)
    except LookupError as error:
        raise Http404 from error
    if not issubclass(model, Paper):
        raise Http404
    return JsonResponse({"title": get_object_or_404(model, pk=object_id).title})


def of_person(request: HttpRequest, user_name: str) -> JsonResponse:
    person = get_object_or_404(User, username=user_name)
    return JsonResponse({"papers": Paper.objects.filter(owner_email=person.email).count()})


def below(request: HttpRequest, place: str) -> JsonResponse:
    """Only the start has anything."""
    if place:
        raise Http404
    return JsonResponse({"labels": [one.label for one in Drawer.objects.order_by("pk")]})


def upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        Drawer.objects.create(label=f"{form.cleaned_data['label']} {form.cleaned_data['picture'].size}")
        return HttpResponse(status=201)
    return HttpResponse(f'<form method="post" enctype="multipart/form-data">{form.as_p()}</form>')


urlpatterns = [
    path("remarks/", remarks),
    path("papers/", papers),
    path("mine/", mine),
    path("total/", total),
    path("handlers/", handlers),
    path("flat/<int:pk>/", flat),
    path("drawers/<int:pk>/", after_first),
    path("lists/<str:what>/", by_word),
    path("papers/<str:app_label>/<str:model_name>/<str:object_id>/", of_model),
    path("people/<str:user_name>/", of_person),
    re_path(r"^places/(?P<place>(?:\w+/)*)$", below),
    path("upload/", upload),
]
