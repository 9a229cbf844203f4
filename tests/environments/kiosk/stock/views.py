"""The kiosk's two pages."""

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET, require_POST

from stock.models import Paper


@require_GET
def papers(request: HttpRequest) -> JsonResponse:
    """List the papers."""
    return JsonResponse({"rows": list(Paper.objects.order_by("pk").values("id", "title", "copies")[:10])})


@require_POST
@transaction.atomic
def sell(request: HttpRequest, pk: int) -> JsonResponse:
    """Sell one copy."""
    paper = get_object_or_404(Paper.objects.select_for_update(), pk=pk)
    paper.copies -= 1
    paper.save(update_fields=["copies"])
    return JsonResponse({"copies": paper.copies})
