"""A router of operations, as django-ninja has it: one view a path, its operations by method, 405 for the rest."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.urls import URLPattern, path

Operation = Callable[..., dict[str, Any]]


class PathView:
    """The operations of one path."""

    def __init__(self) -> None:
        self.operations: dict[str, Operation] = {}

    def get_view(self) -> Callable[..., HttpResponse]:
        """Return a function for Django's resolver, which tells nothing of the methods that it answers."""

        def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return self._run(request, *args, **kwargs)

        view.csrf_exempt = True
        return view

    def _run(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        operation = self.operations.get(request.method or "")
        if operation is None:
            return HttpResponseNotAllowed(self.operations)
        return JsonResponse(operation(request, *args, **kwargs))


class Operations:
    """Operations by path and method."""

    def __init__(self) -> None:
        self._views: dict[str, PathView] = {}

    def on(self, method: str, route: str) -> Callable[[Operation], Operation]:
        def declare(operation: Operation) -> Operation:
            self._views.setdefault(route, PathView()).operations[method] = operation
            return operation

        return declare

    @property
    def urls(self) -> list[URLPattern]:
        return [path(route, view.get_view()) for route, view in self._views.items()]
