"""Finds the office that a request is for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, JsonResponse

from errands.models import Office


class OfficeOfRequest:
    """Answers nothing without an office."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        office = self.office(request.headers.get("X-Office", ""))
        if office is None:
            return JsonResponse({"error": "which office?"}, status=400)
        request.office = office  # type: ignore[attr-defined]
        return self.get_response(request)

    def office(self, code: str) -> Office | None:
        return Office.objects.filter(code=code, is_open=True).first()
