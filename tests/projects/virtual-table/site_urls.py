"""Parts that are listed, made, and entered into the index."""

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from stock.models import Part


@csrf_exempt
def parts(request: HttpRequest) -> JsonResponse:
    if request.method == "POST":
        part = Part.objects.create(name=request.POST.get("name", "new"))
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO stock_search (rowid, name) VALUES (%s, %s)", [part.pk, part.name])
        return JsonResponse({"id": part.pk}, status=201)
    return JsonResponse({"names": [part.name for part in Part.objects.order_by("pk")]})


urlpatterns = [path("parts/", parts)]
