"""The shop's views. `books` has an N+1 on purpose: the author of each book is asked for by itself."""

from catalogue.models import Author, Book
from django.db.models import F
from django.http import HttpRequest, JsonResponse
from django.views import View
from django.views.decorators.http import require_GET, require_POST
from rest_framework import generics, serializers


def books(request: HttpRequest) -> JsonResponse:
    """List the shelf, or put a book on it."""
    if request.method == "POST":
        author = Author.objects.first()
        book = Book.objects.create(title=request.POST["title"], author=author)
        return JsonResponse({"id": book.pk}, status=201)
    rows = [{"title": book.title, "author": book.author.name} for book in Book.objects.order_by("pk")[:100]]
    return JsonResponse({"rows": rows})


class BookDetail(View):
    """One book: look at it, or take it off the shelf."""

    def get(self, request: HttpRequest, pk: int) -> JsonResponse:  # as Django calls it
        """Show it."""
        book = Book.objects.select_related("author").get(pk=pk)
        return JsonResponse({"title": book.title, "author": book.author.name})

    def delete(self, request: HttpRequest, pk: int) -> JsonResponse:  # as Django calls it
        """Remove it."""
        Book.objects.filter(pk=pk).delete()
        return JsonResponse({}, status=200)


@require_POST
def sell(request: HttpRequest, pk: int) -> JsonResponse:
    """Sell one copy; the trigger notes the sale."""
    Book.objects.filter(pk=pk).update(stock=F("stock") - 1)
    return JsonResponse({"sold": pk})


@require_GET
def search(request: HttpRequest) -> JsonResponse:
    """Find books by their blurb."""
    found = Book.objects.filter(blurb=request.GET.get("blurb", "")).values_list("title", flat=True)
    return JsonResponse({"rows": list(found[:10])})


class _AuthorSerializer(serializers.ModelSerializer[Author]):
    class Meta:
        model = Author
        fields = ["id", "name"]


class AuthorList(generics.ListAPIView[Author]):
    """The authors, through Django REST Framework."""

    queryset = Author.objects.order_by("pk")
    serializer_class = _AuthorSerializer
    authentication_classes = []
    permission_classes = []
