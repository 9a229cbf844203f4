"""Pages without any code of the project are left out; a model, a class or a site of the project's own is enough."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.contrib.auth.views import LoginView

from reglab.project.drafting.outcomes.framework_pages import framework_outcome
from reglab.project.endpoints.discovery import Endpoint
from reglab.project.source_lines import ProjectFrames
from service.orders.models import Order

FRAMES = ProjectFrames(base=Path(__file__).parents[2], excluded=(Path(__file__).parents[2] / "reglab",))


class OwnAdmin(GroupAdmin):
    """A class of the project for a library's model."""


class OwnSite(AdminSite):
    """A site of the project's."""


def left_out(view: Any) -> str:
    found = framework_outcome(Endpoint(method="GET", path="/x/", route="x/", view=view), FRAMES)
    return found.reason if found else ""


@pytest.mark.parametrize(
    ("admin", "is_left_out"),
    [
        (GroupAdmin(Group, AdminSite()), True),
        (ModelAdmin(Order, AdminSite()), False),
        (OwnAdmin(Group, AdminSite()), False),
        (GroupAdmin(Group, OwnSite()), False),
    ],
)
def test_an_admin_of_a_library_for_a_model_of_a_library_is_left_out(admin: Any, is_left_out: bool) -> None:
    """What a query for each row costs there, nobody of the project can mend."""
    view = admin.admin_site.admin_view(admin.changelist_view)
    assert bool(left_out(view)) is is_left_out


def test_the_librarys_module_is_named() -> None:
    """The reason says whose page it is."""
    assert left_out(LoginView.as_view()) == "a page of django.contrib.auth.views, with no code of the project"
    admin = GroupAdmin(Group, AdminSite())
    view = admin.admin_site.admin_view(admin.changelist_view)
    assert left_out(view) == "a page of django.contrib.auth.admin, with no code of the project"
