"""A page with a style sheet."""

from django.urls import path
from django.views.generic import ListView
from stock.models import Part


class PartList(ListView):
    """All parts."""

    queryset = Part.objects.order_by("pk")


urlpatterns = [path("parts/", PartList.as_view())]
