"""Additions to the shop for a load: an author, a 404 for a book that is gone, and, planted, a book that gets lost."""

import os
from collections.abc import Callable
from itertools import count

from catalogue.models import Author, Book
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, JsonResponse

LOST = int(os.environ.get("SHOP_LOSES_BOOK", "0"))


class Shelf:
    """A middleware. With SHOP_LOSES_BOOK=n the n-th book is acknowledged and gone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.numbers = count(1)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, and lose what is to be lost."""
        if request.method == "POST":
            Author.objects.get_or_create(pk=1, defaults={"name": "Somebody"})
        response = self.get_response(request)
        if request.method == "POST" and next(self.numbers) == LOST:
            Book.objects.latest("pk").delete()
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:  # noqa: ARG002  # Django's signature
        """Answer that there is no such book."""
        return JsonResponse({}, status=404) if isinstance(exception, ObjectDoesNotExist) else None
