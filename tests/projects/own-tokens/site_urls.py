"""An API that asks for a token, a list of what is late, and a page with a form of several rows."""

from typing import Any

from celery import shared_task
from django.contrib.auth.models import User
from django.db.models import F
from django.forms import modelformset_factory
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from errands.models import Errand, Step, Token
from ninja import ModelSchema, NinjaAPI
from ninja.security import HttpBearer

StepForms = modelformset_factory(Step, fields=["errand", "text"], extra=2)


class KnownToken(HttpBearer):
    """Lets the owner of a token in."""

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        known = Token.objects.select_related("user").filter(key=token).first()
        if known is not None:
            request.user = known.user
        return known


class ErrandIn(ModelSchema):
    """What a client sends of an errand."""

    class Meta:
        model = Errand
        fields = ("title", "due_at")


api = NinjaAPI(auth=KnownToken())


@shared_task
def tell(pk: int) -> None:
    Errand.objects.filter(pk=pk).update(title=F("title"))


@api.get("/errands")
def mine(request: HttpRequest) -> Any:
    return list(Errand.objects.filter(owner=request.user).order_by("pk").values("pk", "title"))


@api.post("/errands")
def add(request: HttpRequest, payload: ErrandIn) -> Any:
    assert isinstance(request.user, User)
    errand = Errand.objects.create(owner=request.user, **payload.dict())
    return {"pk": errand.pk, "job": tell.delay(errand.pk).id}


@api.get("/errands/{errand_pk}/steps/{number}")
def steps(request: HttpRequest, errand_pk: int, number: int) -> Any:
    found = get_object_or_404(Errand, pk=errand_pk)
    return list(found.steps.filter(number=number).order_by("pk").values("text"))


@api.post("/errands/{errand_pk}/done")
def done(request: HttpRequest, errand_pk: int) -> Any:
    get_object_or_404(Errand, pk=errand_pk, done_at=None)
    return {"done": Errand.objects.filter(pk=errand_pk).update(done_at=timezone.now())}


def late(request: HttpRequest) -> JsonResponse:
    found = Errand.objects.filter(done_at=None, due_at__lt=timezone.now())
    return JsonResponse({"late": list(found.order_by("pk").values("title"))})


@csrf_exempt
def edit_steps(request: HttpRequest) -> HttpResponse:
    forms = StepForms(request.POST or None, queryset=Step.objects.order_by("pk")[:1])
    if request.method == "POST" and forms.is_valid():
        forms.save()
        return HttpResponse(status=201)
    return HttpResponse(f'<form method="post">{forms}</form>')


urlpatterns = [path("api/", api.urls), path("late/", late), path("steps/", edit_steps)]
