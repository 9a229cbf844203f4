"""Notes as pages and over the API; an ordinary user's list asks for the words of each."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from notes.models import Note, Word
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response


@login_required
def listed(request: HttpRequest) -> JsonResponse:
    """Everything for a superuser, in two queries; for anybody else what is theirs, a query a note."""
    if request.user.is_superuser:
        notes = Note.objects.order_by("pk").prefetch_related("words")
        return JsonResponse([[str(word) for word in note.words.all()] for note in notes], safe=False)
    own = Note.objects.filter(writer=request.user).order_by("pk")
    return JsonResponse([[str(word) for word in note.words.all()] for note in own], safe=False)


@login_required
def shown(request: HttpRequest, pk: int) -> JsonResponse:
    """One note; what is somebody else's is not there for who is no superuser."""
    note = Note.objects.filter(pk=pk).first()
    if note is None:
        raise Http404
    if not request.user.is_superuser and not Note.objects.filter(pk=pk, writer=request.user).exists():
        raise Http404
    return JsonResponse({"text": note.text})


def all_words(_request: HttpRequest) -> JsonResponse:
    """The same for everybody."""
    return JsonResponse([str(word) for word in Word.objects.order_by("pk")], safe=False)


@api_view(["GET"])
def over_api(request: Request) -> Response:
    """The notes of the token's user alone; all of them for a superuser."""
    notes = Note.objects.order_by("pk")
    if not request.user.is_superuser:
        notes = notes.filter(writer=request.user)
    return Response([note.text for note in notes])


def page(_request: HttpRequest) -> HttpResponse:
    """A page without rows."""
    return HttpResponse("notes")


urlpatterns = [
    path("", page),
    path("notes/", listed),
    path("notes/<int:pk>/", shown),
    path("words/", all_words),
    path("api/notes/", over_api),
]
