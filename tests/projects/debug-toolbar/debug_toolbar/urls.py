"""The toolbar's own paths."""

from django.http import HttpRequest, JsonResponse
from django.urls import path

app_name = "djdt"


def history(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"requests": []})


urlpatterns = [path("history/", history, name="history")]
