"""Paths by a converter of its own, a regular expression, two parameters in a segment, and DRF's lookup."""

from django.http import HttpRequest, JsonResponse
from django.urls import include, path, re_path, register_converter
from rest_framework import serializers, viewsets
from rest_framework.routers import DefaultRouter
from stock.models import Report


class FourDigits:
    """A year, with all of its digits."""

    regex = "[0-9]{4}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return f"{value:04d}"


class ReportSerializer(serializers.ModelSerializer):
    """A report as the API shows it."""

    class Meta:
        model = Report
        fields = ("id", "year", "code")


class ReportViewSet(viewsets.ReadOnlyModelViewSet):
    """Reports by a code of eight hexadecimal digits."""

    queryset = Report.objects.order_by("pk")
    serializer_class = ReportSerializer
    lookup_field = "code"
    lookup_value_regex = "[a-f0-9]{8}"

    def get_object(self) -> Report:
        return self.get_queryset().filter(code=self.kwargs["code"]).first()


def by_year(request: HttpRequest, year: int) -> JsonResponse:
    return JsonResponse({"ids": list(Report.objects.filter(year=year).values_list("pk", flat=True))})


def by_code(request: HttpRequest, code: str) -> JsonResponse:
    return JsonResponse({"ids": list(Report.objects.filter(code=code).values_list("pk", flat=True))})


def by_both(request: HttpRequest, year: int, code: str) -> JsonResponse:
    return JsonResponse({"ids": list(Report.objects.filter(year=year, code=code).values_list("pk", flat=True))})


register_converter(FourDigits, "yyyy")
router = DefaultRouter()
router.register("api/reports", ReportViewSet)
urlpatterns = [
    path("reports/<yyyy:year>/", by_year),
    re_path(r"^codes/(?P<code>[a-f0-9]{8})/?$", by_code),
    path("reports/<yyyy:year>-<slug:code>/", by_both),
    path("", include(router.urls)),
]
