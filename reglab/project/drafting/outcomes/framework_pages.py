"""Pages of Django itself, and of tools: no code of the project is in them, so a draft waives them unasked."""

import sys
from typing import TYPE_CHECKING, Any, Final

from reglab.project.drafting.outcomes.outcome import LIBRARY_PAGE, Outcome
from reglab.project.drafting.view_models import class_of, model_admin_of
from reglab.project.endpoints.discovery import Endpoint
from reglab.project.endpoints.view_methods import reached_functions
from reglab.project.source_lines import ProjectFrames

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

_MODULES: Final = (
    "django.contrib.admin",
    "django.contrib.auth.views",
    "django.contrib.contenttypes.views",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.contrib.admindocs",
    "django.views.static",
    "django.views.i18n",
    "django.views.defaults",
    "rest_framework.authtoken",
    "rest_framework.routers",
    "rest_framework.schemas",
    "rest_framework_simplejwt",
    "oauth2_provider",
    "knox",
    "django_prometheus",
    "health_check",
    "drf_spectacular",
    "drf_yasg",
    "ninja.openapi",
)


def framework_outcome(endpoint: Endpoint, frames: ProjectFrames) -> Outcome | None:
    """Return the waiver of a page whose code is all Django's or a library's, or None for the project's own."""
    if getattr(class_of(endpoint.view), "__qualname__", "") == "RedirectView":
        return Outcome(endpoint=endpoint, reason="a RedirectView, with no code of the project", group=LIBRARY_PAGE)
    admin = model_admin_of(endpoint.view)
    if admin is not None and _is_own(admin, frames):
        return None
    module = _module(endpoint.view) if admin is None else type(admin).__module__
    if admin is None and not module.startswith(_MODULES):
        return None
    return Outcome(
        endpoint=endpoint, reason=f"a page of {module or 'Django'}, with no code of the project", group=LIBRARY_PAGE
    )


def _is_own(admin: "ModelAdmin[Any]", frames: ProjectFrames) -> bool:
    """Tell whether the project wrote the model whose rows are shown, or any class that shows them."""
    classes = (*type(admin).__mro__, *type(admin.admin_site).__mro__, admin.model)
    modules = (sys.modules.get(one.__module__) for one in classes)
    return any(frames.is_project(getattr(module, "__file__", None) or "") for module in modules)


def _module(view: Any) -> str:
    cls = class_of(view)
    if cls is not None:
        return str(cls.__module__)
    functions = list(reached_functions(view))
    inner = functions[-1] if functions and functions[0].__module__ == "django.contrib.admin.sites" else view
    if (declared := getattr(view, "__module__", "") or "") == "django.contrib.contenttypes.views":
        # As decorators leave it: the admin has a URL of its own for this view.
        return declared
    module = getattr(inner, "__module__", "") or type(inner).__module__
    return str(getattr(getattr(inner, "func", None), "__module__", "") or module)
