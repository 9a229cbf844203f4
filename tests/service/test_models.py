"""The rules that the database enforces, and totals however a line is written through the ORM."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F, Value

from service.orders import limits
from service.orders.models import Customer, Order, OrderItem

pytestmark = pytest.mark.django_db
MakeOrder = Callable[..., Order]


def total(order: Order) -> int:
    return Order.objects.values_list("total_cents", flat=True).get(pk=order.pk)


@pytest.mark.parametrize(
    "values",
    [
        {"quantity": 0},
        {"quantity": limits.MAX_QUANTITY + 1},
        {"unit_price_cents": -1},
        {"unit_price_cents": limits.MAX_UNIT_PRICE_CENTS + 1},
    ],
)
def test_the_database_refuses_a_line_out_of_range(make_order: MakeOrder, values: dict[str, int]) -> None:
    """A CHECK constraint keeps quantities and prices in range, whoever writes."""
    line = {"sku": "A", "quantity": 1, "unit_price_cents": 1, **values}
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderItem.objects.create(order=make_order(), **line)


def test_the_largest_line_is_accepted(make_order: MakeOrder) -> None:
    """The limits themselves are valid."""
    order = make_order(lines=[(limits.MAX_QUANTITY, limits.MAX_UNIT_PRICE_CENTS)])
    assert total(order) == limits.MAX_QUANTITY * limits.MAX_UNIT_PRICE_CENTS


@pytest.mark.parametrize(
    "values", [{"status": "lost"}, {"total_cents": -1}, {"total_cents": limits.MAX_TOTAL_CENTS + 1}]
)
def test_the_database_refuses_an_order_out_of_range(make_order: MakeOrder, values: dict[str, Any]) -> None:
    """A CHECK constraint keeps statuses and totals in range, whoever writes."""
    order = make_order()
    with pytest.raises(IntegrityError), transaction.atomic():
        Order.objects.filter(pk=order.pk).update(**values)


def test_addresses_are_unique(make_customer: Callable[..., Customer]) -> None:
    """Two customers never share an address."""
    make_customer(email="a@rows.example")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_customer(email="a@rows.example")


def test_names_say_who_and_what(make_order: MakeOrder) -> None:
    """Each row reads as itself in the admin."""
    order = make_order(customer=Customer.objects.create(name="Ann", email="ann@rows.example"))
    assert str(order.customer) == "Ann <ann@rows.example>"
    assert str(order) == f"Order {order.pk} (draft)"
    assert str(order.items.get()) == "1 x SKU-0"


def test_creating_a_line_adds_to_the_total(make_order: MakeOrder) -> None:
    """A total is the sum of quantity times unit price."""
    assert total(make_order(lines=[(2, 100), (3, 50)])) == 350


def test_saving_a_line_changes_the_total(make_order: MakeOrder) -> None:
    """A changed line counts with its present values."""
    order = make_order(lines=[(2, 100)])
    item = order.items.get()
    item.quantity = 5
    item.save()
    assert total(order) == 500


def test_saving_one_column_changes_the_total(make_order: MakeOrder) -> None:
    """`update_fields` is no way around the total."""
    order = make_order(lines=[(2, 100)])
    item = order.items.get()
    item.unit_price_cents = 7
    item.save(update_fields=["unit_price_cents"])
    assert total(order) == 14


def test_deleting_a_line_takes_it_off_the_total(make_order: MakeOrder) -> None:
    """A deleted line no longer counts."""
    order = make_order(lines=[(2, 100), (1, 30)])
    order.items.get(quantity=2).delete()
    assert total(order) == 30


def test_deleting_the_last_line_leaves_zero(make_order: MakeOrder) -> None:
    """An order without lines has a total of 0, not NULL."""
    order = make_order()
    order.items.get().delete()
    assert total(order) == 0


def test_moving_a_line_changes_both_totals(make_order: MakeOrder) -> None:
    """A line that moves leaves one total and joins the other."""
    source, target = make_order(lines=[(2, 100), (1, 1)]), make_order(lines=[(1, 10)])
    item = source.items.get(quantity=2)
    item.order = target
    item.save()
    assert (total(source), total(target)) == (1, 210)


def test_moving_a_line_from_a_stale_copy_changes_every_order_concerned(make_order: MakeOrder) -> None:
    """A copy that remembers an earlier order does not leave a wrong total behind."""
    first, second, third = make_order(), make_order(), make_order()
    stale = first.items.get()
    moved = first.items.get()
    moved.order = second
    moved.save()
    stale.order = third
    stale.save()
    assert [total(order) for order in (first, second, third)] == [0, 100, 200]


def test_a_queryset_update_changes_the_totals(make_order: MakeOrder) -> None:
    """`update()` with values and with expressions keeps every total."""
    orders = [make_order(lines=[(1, 10), (2, 20)]), make_order(lines=[(3, 30)])]
    assert OrderItem.objects.update(quantity=F("quantity") + 1) == 3
    assert [total(order) for order in orders] == [80, 120]


def test_a_queryset_update_moves_lines(make_order: MakeOrder) -> None:
    """`update(order=…)` takes from one total and gives to the other, with an order or with its id."""
    source, target = make_order(lines=[(1, 10), (1, 20)]), make_order(lines=[])
    OrderItem.objects.filter(order=source, unit_price_cents=10).update(order=target)
    OrderItem.objects.filter(order=source, unit_price_cents=20).update(order_id=target.pk)
    assert (total(source), total(target)) == (0, 30)


def test_a_queryset_update_to_an_order_by_expression_is_refused(make_order: MakeOrder) -> None:
    """Where the new order could not be locked beforehand, nothing is written."""
    order = make_order()
    with pytest.raises(TypeError, match="needs the new order itself"):
        OrderItem.objects.update(order_id=Value(order.pk))


def test_bulk_update_changes_the_totals(make_order: MakeOrder) -> None:
    """`bulk_update()` keeps every total."""
    order = make_order(lines=[(1, 10), (1, 20)])
    items = list(order.items.all())
    for item in items:
        item.quantity = 4
    OrderItem.objects.bulk_update(items, ["quantity"])
    assert total(order) == 120


def test_bulk_create_changes_the_totals(make_order: MakeOrder) -> None:
    """`bulk_create()` keeps every total."""
    first, second = make_order(lines=[]), make_order(lines=[(1, 5)])
    OrderItem.objects.bulk_create(
        OrderItem(order=order, sku="B", quantity=2, unit_price_cents=50) for order in (first, second, second)
    )
    assert (total(first), total(second)) == (100, 205)


def test_bulk_create_that_could_overwrite_lines_is_refused(make_order: MakeOrder) -> None:
    """An upsert could change orders that nobody locked, so it is refused."""
    with pytest.raises(ValueError, match="cannot keep totals with update_conflicts"):
        OrderItem.objects.bulk_create([], update_conflicts=True)


def test_a_queryset_delete_changes_the_totals(make_order: MakeOrder) -> None:
    """`delete()` on a queryset keeps every total and says how many lines went."""
    orders = [make_order(lines=[(1, 10), (2, 20)]), make_order(lines=[(1, 30)])]
    assert OrderItem.objects.filter(quantity=1).delete() == (2, {"orders.OrderItem": 2})
    assert [total(order) for order in orders] == [40, 0]


def test_adding_lines_to_an_order_changes_both_totals(make_order: MakeOrder) -> None:
    """`order.items.add()` moves lines as `save()` does."""
    source, target = make_order(lines=[(1, 10)]), make_order(lines=[(1, 7)])
    target.items.add(source.items.get())
    assert (total(source), total(target)) == (0, 17)


def test_saving_an_order_never_writes_its_total(make_order: MakeOrder) -> None:
    """A stale copy of an order does not undo what the lines wrote meanwhile."""
    order = make_order(lines=[])
    OrderItem.objects.create(order_id=order.pk, sku="A", quantity=1, unit_price_cents=100)
    order.status = "paid"
    order.save()
    order.save(update_fields=["status", "total_cents"])
    assert total(order) == 100


def test_a_new_order_with_a_total_is_refused(make_customer: Callable[..., Customer]) -> None:
    """A total without lines is a mistake, said at once."""
    with pytest.raises(ValueError, match="must be 0"):
        Order.objects.create(customer=make_customer(), total_cents=5)


def test_a_new_order_cannot_overwrite_another(make_order: MakeOrder) -> None:
    """An order made in memory with a key that exists is refused, instead of resetting a total."""
    order = make_order()
    with pytest.raises(IntegrityError), transaction.atomic():
        Order(pk=order.pk, customer=order.customer).save()


def test_a_new_line_cannot_overwrite_another(make_order: MakeOrder) -> None:
    """A line made in memory with a key that exists is refused, instead of leaving an order that nobody locked."""
    first, second = make_order(), make_order()
    with pytest.raises(IntegrityError), transaction.atomic():
        OrderItem(pk=first.items.get().pk, order=second, sku="A", quantity=1, unit_price_cents=1).save()


def test_a_line_of_a_deleted_order_is_refused(make_order: MakeOrder) -> None:
    """A line cannot join an order that is gone."""
    order = make_order(lines=[])
    item = OrderItem(order_id=order.pk, sku="A", quantity=1, unit_price_cents=1)
    order.delete()
    with pytest.raises(Order.DoesNotExist):
        item.save()


def test_a_deleted_line_is_not_brought_back(make_order: MakeOrder) -> None:
    """Saving a copy of a line that is gone fails, instead of inserting it again."""
    item = make_order().items.get()
    OrderItem.objects.filter(pk=item.pk).delete()
    with pytest.raises(OrderItem.DoesNotExist):
        item.save()


def test_a_line_without_an_order_is_refused(db: None) -> None:
    """A line belongs to an order."""
    with pytest.raises(DatabaseError), transaction.atomic():
        OrderItem(sku="A", quantity=1, unit_price_cents=1).save()


def test_deleting_orders_deletes_their_lines(make_order: MakeOrder) -> None:
    """An order takes its lines along, one or many, and no others."""
    kept, *doomed = (make_order() for _ in range(4))
    doomed[0].delete()
    Order.objects.filter(pk__in=[order.pk for order in doomed]).delete()
    assert list(OrderItem.objects.values_list("order", flat=True)) == [kept.pk]
