"""A list for each app."""

from bench.models import Bench
from database import views as books
from django.db.models import Model
from django.http import HttpRequest, JsonResponse
from django.urls import path
from loadtests.models import LoadTest
from reports.models import Report
from service.models import Service
from tests.models import Test


def titles(request: HttpRequest, *, model: type[Model]) -> JsonResponse:
    return JsonResponse({"titles": [row.title for row in model.objects.order_by("pk")]})


urlpatterns = [
    path("books/", books.latest),
    path("books/add/", books.add),
    path("reports/", titles, {"model": Report}),
    path("benches/", titles, {"model": Bench}),
    path("services/", titles, {"model": Service}),
    path("tests/", titles, {"model": Test}),
    path("load-tests/", titles, {"model": LoadTest}),
]
