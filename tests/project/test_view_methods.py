"""The methods that a view answers, as its code shows."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views import View
from django.views.decorators.http import require_GET, require_http_methods
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from reglab.project.endpoints.view_methods import accepted_methods


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.path)


def branching(request: HttpRequest) -> HttpResponse:
    return HttpResponse("put" if request.method in {"PUT", "PATCH"} else "other")


def form(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.POST.get("name", ""))


class Both(View):
    """A view with two methods."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.path)

    def delete(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.path)


class Things(ViewSet):
    """A view set whose URL maps two methods."""

    def list(self, request: Request) -> Response:
        return Response(request.path)

    def create(self, request: Request) -> Response:
        return Response(request.path)


def test_a_plain_function_answers_get() -> None:
    """Nothing in its code names another method."""
    assert accepted_methods(plain) == ("GET",)


def test_a_function_that_compares_the_method() -> None:
    """The methods that it compares with are answered."""
    assert accepted_methods(branching) == ("GET", "PUT", "PATCH")


def test_a_function_that_reads_a_form() -> None:
    """`request.POST` means POST."""
    assert accepted_methods(form) == ("GET", "POST")


def test_a_decorated_function_says_it_itself() -> None:
    """`require_http_methods` is believed, also under another decorator."""
    assert accepted_methods(login_required(require_http_methods(["POST", "HEAD"])(plain))) == ("POST",)
    assert accepted_methods(require_GET(branching)) == ("GET",)


def test_a_class_says_it_by_its_methods() -> None:
    """A class-based view answers what it defines; OPTIONS and HEAD are not counted."""
    assert accepted_methods(Both.as_view()) == ("GET", "DELETE")


def test_a_view_set_says_it_by_its_url() -> None:
    """The mapping of one URL counts, not all actions of the class."""
    assert accepted_methods(Things.as_view({"post": "create"})) == ("POST",)


def test_a_function_of_rest_framework() -> None:
    """`api_view` lists its methods."""

    @api_view(["PUT"])
    def put(request: Request) -> Response:
        return Response(request.path)

    assert accepted_methods(put) == ("PUT",)
