"""The methods that a view answers, as its code shows."""

from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.views import View
from django.views.decorators.http import require_GET, require_http_methods
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from reglab.project.drafting.view_models import _is_model
from reglab.project.endpoints.view_methods import accepted_methods
from service.orders.models import Order


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


def unwrapped(inner: Any) -> Any:
    """Decorate without functools.wraps."""

    def outer(request: HttpRequest) -> Any:
        return inner(request)

    return outer


def helped(request: HttpRequest) -> HttpResponse:
    return branching(request)


class Hook(View):
    """A view whose own dispatch answers everything."""

    def dispatch(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        return HttpResponse(request.path)


class Careful(Both):
    """A view whose own dispatch asks the usual one."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().dispatch(request, *args, **kwargs)


class QueryView(View):
    """A view as GraphQL's: its dispatch names the methods that it takes."""

    def dispatch(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        return HttpResponse(status=200 if str(request.method).lower() in ("get", "post") else 405)


class ObjectView:
    """A view that is an object."""

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return form(request)


class Operation:
    """One operation of a router."""

    methods = ("POST",)


class Router:
    """A router as django-ninja's: one view for several operations."""

    operations = (Operation(),)

    def view(self) -> Any:
        def wrapper(request: HttpRequest) -> Any:
            return self.answer(request)

        return wrapper

    def answer(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.path)


def test_a_decorator_that_hides_its_function_is_looked_through() -> None:
    """What the inner function does counts, with functools.wraps or without."""
    assert accepted_methods(unwrapped(branching)) == ("GET", "PUT", "PATCH")
    assert accepted_methods(wraps(form)(unwrapped(form))) == ("GET", "POST")


def test_a_helper_that_reads_the_method_is_followed() -> None:
    """A function that hands the request on answers what its helper answers."""
    assert accepted_methods(helped) == ("GET", "PUT", "PATCH")


def test_a_dispatch_of_its_own_may_answer_everything() -> None:
    """Until it is shown otherwise, such a view has every method; one that asks its parent has its own."""
    assert accepted_methods(Hook.as_view()) == ("GET", "POST", "PUT", "PATCH", "DELETE")
    assert accepted_methods(Careful.as_view()) == ("GET", "DELETE")
    assert accepted_methods(QueryView.as_view()) == ("GET", "POST")


def test_names_of_methods_are_respected() -> None:
    """Those of the class, and those that as_view() is given."""
    assert accepted_methods(Both.as_view(http_method_names=["get"])) == ("GET",)

    class Quiet(Things):
        """A view set that answers reads alone."""

        http_method_names = ["get"]

    assert accepted_methods(Quiet.as_view({"get": "list", "post": "create"})) == ("GET",)


def test_an_object_that_is_called_is_a_view() -> None:
    """Its `__call__` says what it answers."""
    assert accepted_methods(ObjectView()) == ("GET", "POST")


def test_a_router_says_it_by_its_operations() -> None:
    """One view, as many methods as operations."""
    assert accepted_methods(Router().view()) == ("POST",)


class Table:
    """A router of a project's own: functions by method."""

    def __init__(self) -> None:
        self.handlers = {"get": plain, "delete": plain}

    def view(self) -> Any:
        def wrapper(request: HttpRequest) -> Any:
            return self.handlers[str(request.method).lower()](request)

        return wrapper


def test_a_table_of_functions_by_method_is_read() -> None:
    """In an object of the closure, and in the closure itself; a table of other words says nothing."""
    assert accepted_methods(Table().view()) == ("GET", "DELETE")
    assert accepted_methods(chosen({"GET": plain, "PUT": plain})) == ("GET", "PUT")
    assert accepted_methods(chosen({"GET": plain, "list": plain})) == ("GET",)


def chosen(table: dict[str, Any]) -> Any:
    def view(request: HttpRequest) -> Any:
        return table[str(request.method)](request)

    return view


def test_the_base_of_all_models_is_no_model() -> None:
    """Decorators that check rows name it, and it has no table."""
    assert not _is_model(Model)
    assert _is_model(Order)


def returned(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return HttpResponse("ask")
    return HttpResponse("done")


def test_what_treats_get_apart_may_be_posted() -> None:
    """The other branch is no GET; a function that names no method answers GET alone."""
    assert accepted_methods(returned) == ("GET", "POST")
    assert accepted_methods(plain) == ("GET",)


class Saving(admin.ModelAdmin):  # type: ignore[type-arg]
    """An admin with a page of its own, which leaves the reading of the body to a helper."""

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Answer a page that takes a file."""
        return self.read_rows(request)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Answer a file."""
        return self.written(request)

    def read_rows(self, request: HttpRequest) -> HttpResponse:
        """Read what was sent."""
        return HttpResponse(request.POST.get("rows", ""))

    def written(self, _request: HttpRequest) -> HttpResponse:
        """Write what there is."""
        return HttpResponse("")


def test_the_pages_of_an_admin_that_save_are_posted() -> None:
    """Django's own for a new and for a changed row, and the project's, whose helper reads the body; no others."""
    site = admin.AdminSite()
    saving = Saving(Order, site)
    found = {
        name: accepted_methods(site.admin_view(getattr(saving, name)))
        for name in ("add_view", "change_view", "history_view", "import_view", "export_view")
    }
    assert found == {
        "add_view": ("GET", "POST"),
        "change_view": ("GET", "POST"),
        "history_view": ("GET",),
        "import_view": ("GET", "POST"),
        "export_view": ("GET",),
    }


def test_a_page_of_the_admin_that_calls_its_parent_answers_what_that_does() -> None:
    """A mixin of a library puts something into the page, and hands on: actions are sent to the same URL."""

    class Importing:
        def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
            return super().changelist_view(request, extra_context={**(extra_context or {}), "imports": True})  # type: ignore[misc]

    class OrderAdmin(Importing, admin.ModelAdmin):  # type: ignore[type-arg]
        pass

    site = admin.AdminSite()
    view = site.admin_view(OrderAdmin(Order, site).changelist_view)
    assert accepted_methods(view) == ("GET", "POST")
