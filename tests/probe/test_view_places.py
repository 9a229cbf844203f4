"""The line that a finding of access names: the project's own, also behind a router's one view or a decorator."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from reglab.project.endpoints.view_places import guards_of, place_of_view
from reglab.project.source_lines import ProjectFrames

FRAMES = ProjectFrames(base=Path(__file__).parents[2], excluded=())
HERE = "tests/probe/test_view_places.py"


def listed(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def written(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


class KeyOfCaller:
    """What a router asks for who calls."""


def a_router(*operations: SimpleNamespace) -> Callable[..., Any]:
    """Give one view for several operations, as django-ninja does."""
    routed = SimpleNamespace(operations=list(operations))

    def view(request: HttpRequest) -> object:
        return routed

    return view


def test_of_a_router_the_operation_of_the_method_is_named() -> None:
    """One view stands for a path: each method has a function and callers of its own."""
    view = a_router(
        SimpleNamespace(methods=["GET"], view_func=listed, auth_callbacks=[]),
        SimpleNamespace(methods=["POST"], view_func=written, auth_callbacks=[KeyOfCaller()]),
    )
    assert place_of_view(view, "POST", FRAMES).endswith(" in written")
    assert place_of_view(view, "GET", FRAMES).startswith(f"{HERE}:")
    assert [guards_of(view, method) for method in ("GET", "POST")] == ["nobody", "KeyOfCaller"]


def test_a_wrapped_function_is_named_and_a_librarys_page_is_not() -> None:
    """A decorator hides nothing; Django's own log-in page has no line of the project."""
    assert place_of_view(require_GET(listed), "GET", FRAMES).endswith(" in listed")
    assert place_of_view(LoginView.as_view(), "GET", FRAMES) == ""
    assert place_of_view(None, "GET", FRAMES) == guards_of(None, "GET") == ""
