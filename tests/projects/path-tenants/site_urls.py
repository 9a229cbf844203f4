"""Things of the museum whose path was asked, a museum by its slug, and an API that takes a key."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django import forms
from django.core.mail import send_mail
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from museums.models import ApiKey, Item, Museum
from ninja import NinjaAPI
from ninja.security import HttpBearer


class MuseumOfPath:
    """Takes the museum out of the path's values, and finds it."""

    def __init__(self, get_response: Callable[[Any], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: Any, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        slug = kwargs.pop("museum", None)
        if slug is not None and request.path.startswith("/m/"):
            request.museum = Museum.objects.filter(slug=slug).first()
            if request.museum is None:
                raise Http404("no such museum")
        elif slug is not None:
            kwargs["museum"] = slug


class KnownKey(HttpBearer):
    """Lets in whoever has a key, for its museum."""

    def authenticate(self, request: Any, token: str) -> ApiKey | None:
        digest = sha256(token.encode()).hexdigest()
        key = ApiKey.objects.select_related("user", "museum").filter(digest=digest, revoked_at=None).first()
        if key is not None:
            request.museum = key.museum
        return key


api = NinjaAPI(auth=KnownKey())


@api.get("/items")
def items_of_key(request: Any) -> Any:
    return list(Item.objects.filter(museum=request.museum).order_by("pk").values("pk", "title"))


def items(request: Any) -> JsonResponse:
    return JsonResponse({"titles": list(Item.objects.filter(museum=request.museum).values_list("title", flat=True))})


def item(request: Any, number: int) -> JsonResponse:
    return JsonResponse({"title": get_object_or_404(Item, museum=request.museum, pk=number).title})


class ContactForm(forms.Form):
    """What somebody has to say."""

    text = forms.CharField(max_length=200)


@csrf_exempt
def contact(request: HttpRequest) -> HttpResponse:
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        send_mail("Contact", form.cleaned_data["text"], "site@example.com", ["desk@example.com"])
        return redirect("/contact/")
    return HttpResponse(f"<form method=post>{form}</form>")


def about(request: HttpRequest, museum: str) -> JsonResponse:
    return JsonResponse({"name": get_object_or_404(Museum, slug=museum, is_public=True).name})


urlpatterns = [
    path("m/<slug:museum>/items/", items),
    path("m/<slug:museum>/items/<int:number>/", item),
    path("houses/<slug:museum>/", about),
    path("contact/", contact),
    path("api/", api.urls),
]
