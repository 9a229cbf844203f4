"""The methods that a view answers, where a decorator of the project's own was given them."""

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from reglab.project.endpoints.view_methods import accepted_methods


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.path)


def for_methods(*methods: str) -> Any:
    """A decorator of a project's own that is given the methods, as `api_view` is."""

    def decorate(view: Any) -> Any:
        @wraps(view)
        def inner(request: HttpRequest) -> HttpResponse:
            return view(request) if request.method in methods else HttpResponse(status=405)

        return inner

    return decorate


def named_by(words: tuple[str, ...]) -> Any:
    """A decorator whose closure holds other words than methods."""

    def inner(request: HttpRequest) -> HttpResponse:
        return HttpResponse(f"{request.method} {words}")

    return inner


def test_the_methods_that_a_decorator_was_given_are_answered() -> None:
    """Its closure holds them, whatever the decorator is called; other words there are none."""
    assert accepted_methods(for_methods("POST")(plain)) == ("POST",)
    assert accepted_methods(for_methods("get", "delete")(plain)) == ("GET", "DELETE")
    assert accepted_methods(named_by(("POST", "office"))) == ("GET",)
