"""A list of parts, events for as long as somebody listens, and an answer that only grows."""

import time
from collections.abc import Iterator

from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.urls import path
from stock.models import Part


def ticks(request: HttpRequest) -> StreamingHttpResponse:
    def events() -> Iterator[str]:
        while True:
            yield f"data: {Part.objects.count()}\n\n"
            time.sleep(0.5)

    return StreamingHttpResponse(events(), content_type="text/event-stream")


def flood(request: HttpRequest) -> StreamingHttpResponse:
    def lines() -> Iterator[str]:
        while True:
            yield "more\n" * 10_000

    return StreamingHttpResponse(lines(), content_type="text/plain")


def parts(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"names": [part.name for part in Part.objects.order_by("pk")]})


urlpatterns = [path("parts/", parts), path("ticks/", ticks), path("flood/", flood)]
