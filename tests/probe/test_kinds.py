"""Kinds of rows are rows that the project could have: none points at a row that is gone."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db.models import BooleanField, IntegerField, Model
from django.test.utils import isolate_apps

from reglab.project.orm.kinds import kinds_of
from service.orders.models import Customer, Order, OrderItem

pytestmark = pytest.mark.django_db


def emptied(model: type[Model], told: str, keys: list[int]) -> None:
    """Make the rows with these keys rows of a kind."""
    next(kind for kind in kinds_of(model) if kind.told == told).make(keys)


def test_what_points_at_a_deleted_row_is_deleted_before_it() -> None:
    """A customer without orders has no lines of orders either; those of another customer stay."""
    for number in range(2):
        customer = Customer.objects.create(name="Ann", email=f"ann{number}@kinds.example")
        order = Order.objects.create(customer=customer)
        OrderItem.objects.create(order=order, sku="A", quantity=1, unit_price_cents=100)
    first, second = Customer.objects.order_by("pk")
    emptied(Customer, "customers without orders", [first.pk])
    assert list(Order.objects.values_list("customer_id", flat=True)) == [second.pk]
    assert OrderItem.objects.count() == 1


def test_rows_of_many_to_many_tables_go_too() -> None:
    """Their tables point at both sides, and have no model that a project names."""
    user = get_user_model().objects.create(username="ann")
    content_type = Permission.objects.first().content_type  # type: ignore[union-attr]
    user.user_permissions.set(Permission.objects.filter(content_type=content_type))
    Group.objects.create(name="a").permissions.set(Permission.objects.filter(content_type=content_type))
    emptied(type(content_type), "content types without permissions", [content_type.pk])
    assert not user.user_permissions.through.objects.exists()
    assert not Group.permissions.through.objects.exists()


@isolate_apps("service.orders")
def test_what_a_library_keeps_for_itself_has_no_kinds() -> None:
    """A place in a tree that is 0 is no row of anybody's; a flag that the project declares may be set by its code."""

    class Branch(Model):
        archived = BooleanField(default=False, editable=False)

        class Meta:
            app_label = "orders"

        def __str__(self) -> str:
            return str(self.pk)

    IntegerField(editable=False).contribute_to_class(Branch, "left")
    assert {kind.field for kind in kinds_of(Branch)} == {"archived"}
