"""Bodies from the form of a page: as a browser sends it, with rows where only a script would offer some."""

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client

from reglab.project.drafting.bodies.candidates import Body, bodies_of
from reglab.project.endpoints.discovery import Endpoint
from service.orders.models import Customer, Order, OrderItem

pytestmark = pytest.mark.django_db


def bodies(client: Client, model: type[Model]) -> dict[str, Body]:
    """Return what is tried for the page of the admin that adds a row, by its source."""
    path = f"/admin/orders/{model._meta.model_name}/add/"
    view = admin.site.admin_view(admin.site._registry[model].add_view)
    endpoint = Endpoint(method="POST", path=path, route=path[1:], view=view)
    return {one.source: one for one in bodies_of(endpoint, client.get(path).content)}


def test_a_search_field_is_sent_with_a_row(admin_client: Client) -> None:
    """The admin's autocomplete has no choice in its HTML, and refuses the form without one."""
    Order.objects.create(customer=Customer.objects.create(name="Ann", email="ann@rows.example"))
    found = bodies(admin_client, OrderItem)
    assert "order" not in found["form of the page"].content
    body = found["form of the page, with rows"]
    assert body.content["order"] == "{order}"
    assert body.bindings["order"].binding == {"model": "orders.Order"}


def test_a_form_without_rows_to_choose_is_sent_as_it_is(admin_client: Client) -> None:
    """A model that points to no other has no such body."""
    assert "form of the page, with rows" not in bodies(admin_client, Customer)
