"""Books with their authors: one query for each book."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from database.models import Author, Book


def latest(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"books": [[book.title, book.author.name] for book in Book.objects.order_by("pk")]})


@csrf_exempt
def add(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"id": Author.objects.create(name="somebody").pk})
