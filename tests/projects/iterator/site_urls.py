"""Lists that are read with `.iterator()`: in the view, and while the answer is streamed."""

from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.urls import path
from stock.models import Part


def names(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"rows": [part.name for part in Part.objects.order_by("pk").iterator()]})


def stream(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(f"{part.name}\n" for part in Part.objects.order_by("pk").iterator())


urlpatterns = [path("names/", names), path("stream/", stream)]
