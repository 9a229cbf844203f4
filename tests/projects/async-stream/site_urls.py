"""A stream that is iterated asynchronously, and one that is not."""

from collections.abc import AsyncIterator

from django.http import HttpRequest, StreamingHttpResponse
from django.urls import path
from stock.models import Part


async def asynchronous(request: HttpRequest) -> StreamingHttpResponse:
    async def rows() -> AsyncIterator[str]:
        async for part in Part.objects.order_by("pk"):
            yield f"{part.name}\n"

    return StreamingHttpResponse(rows())


def plain(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(f"{part.name}\n" for part in Part.objects.order_by("pk"))


urlpatterns = [path("asynchronous/", asynchronous), path("plain/", plain)]
