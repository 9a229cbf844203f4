"""Bodies from the form of a page: as a browser sends it, with rows where only a script would offer some."""

import pytest
from django import forms
from django.contrib import admin
from django.db.models import Model
from django.template import Context
from django.test import Client

from reglab.project.drafting.bodies.candidates import Body, bodies_of
from reglab.project.drafting.bodies.form_fields import fields_of_forms
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


class Booking(forms.Form):
    """What Django shows as texts, and takes as times and numbers of rows."""

    starts_at = forms.DateTimeField()
    ends_at = forms.DateTimeField(required=False)
    born = forms.DateField()
    remark = forms.CharField(max_length=5)
    customer = forms.ModelChoiceField(Customer.objects.all(), widget=forms.TextInput)


def test_a_text_of_a_page_has_a_value_of_its_fields_kind() -> None:
    """A time is a text field in the page; the form behind it, found in the template's context, says what it is."""
    customer = Customer.objects.create(name="Ann", email="ann@rows.example")
    form = Booking()
    fields = fields_of_forms([Context({"title": "Book", "form": form})])
    page = f'<form method="post">{form.as_p()}</form>'.encode()
    endpoint = Endpoint(method="POST", path="/book/", route="book/", view=lambda _request: None)
    first, filled = [one.content for one in bodies_of(endpoint, page, fields) if one.source == "form of the page"]
    sent = Booking({**first, "customer": customer.pk})
    assert sent.is_valid(), sent.errors
    assert (first["customer"], first["remark"]) == ("{customer}", "draft")
    assert filled["ends_at"] > filled["starts_at"]


def test_the_forms_of_the_admin_are_found(admin_client: Client) -> None:
    """The admin wraps its form and its formsets."""
    fields = fields_of_forms(admin_client.get("/admin/orders/order/add/").context)
    assert {"customer", "items-TOTAL_FORMS"} <= set(fields)


def test_actions_of_the_project_are_tried_before_djangos_own(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """To delete rows is a library's code; what the project has written is what may break."""
    Customer.objects.create(name="Ann", email="ann@rows.example")
    site_admin = admin.site._registry[Customer]
    monkeypatch.setattr(type(site_admin), "actions", ["retire", admin.action(lambda *_: None)])
    view = admin.site.admin_view(site_admin.changelist_view)
    endpoint = Endpoint(method="POST", path="/admin/orders/customer/", route="admin/orders/customer/", view=view)
    tried = [one.content["action"] for one in bodies_of(endpoint, b"") if one.source == "admin's action"]
    assert tried == ["retire", "<lambda>", "delete_selected"]


def test_lines_of_a_formset_name_their_rows_by_bindings(admin_client: Client) -> None:
    """Which row a line is, and to which it belongs, is another key where there are more rows."""
    order = Order.objects.create(customer=Customer.objects.create(name="Ann", email="ann@rows.example"))
    OrderItem.objects.create(order=order, sku="A", quantity=1, unit_price_cents=100)
    lines = forms.inlineformset_factory(Order, OrderItem, fields=["sku", "quantity"], extra=0)(instance=order)
    fields = fields_of_forms([Context({"lines": lines})])
    page = f'<form method="post">{lines.as_p()}</form>'.encode()
    endpoint = Endpoint(method="POST", path="/lines/", route="lines/", view=lambda _request: None)
    first = next(one for one in bodies_of(endpoint, page, fields) if one.source == "form of the page")
    assert (first.content["items-0-id"], first.content["items-0-order"]) == ("{orderitem}", "{order}")
    assert set(first.bindings) == {"orderitem", "order"}
