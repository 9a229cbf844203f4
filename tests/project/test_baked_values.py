"""Baked rows are in several states, and of every kind of field."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.postgres import fields
from django.core.validators import MaxValueValidator
from django.db import models
from django.test.utils import isolate_apps

from reglab.config.suite import DEFAULT_CLOCK
from reglab.project.data.baking.moments import stamps_of
from reglab.project.data.baking.states import LEAVE
from reglab.project.data.baking.values import value_of


def named(field: "models.Field[Any, Any]", name: str) -> "models.Field[Any, Any]":
    field.set_attributes_from_name(name)
    return field


def test_of_four_rows_two_are_not_done_yet() -> None:
    """A list of what is open, and one of what is over, have rows both."""
    field = named(models.DateTimeField(null=True), "returned_at")
    assert [value_of(field, number) is None for number in range(8)] == 2 * [False, True, True, False]


def test_of_four_rows_two_are_not_decided_yet() -> None:
    """What may be decided once has a row to decide."""
    field = named(models.BooleanField(null=True), "approved")
    assert [value_of(field, number) for number in range(4)] == [True, None, None, False]


def test_of_four_rows_one_has_the_other_flag() -> None:
    """A filter on a flag that is lost shows: one row more is read. A minimal row keeps the model's own default."""
    dead = named(models.BooleanField(default=False), "dead")
    assert [value_of(dead, number) for number in range(4)] == [LEAVE, LEAVE, LEAVE, True]
    assert value_of(dead, 3, is_minimal=True) is LEAVE
    shown = named(models.BooleanField(default=False), "is_public")
    assert [value_of(shown, number) for number in range(4)] == [True, True, True, False]


def test_uuids_are_in_the_order_of_the_rows() -> None:
    """The row that others point at first, and that belongs to who is logged in, is the first by its key, too."""

    class Model:
        class _meta:  # noqa: N801 -- as Django calls it
            label = "shop.Book"

    field = named(models.UUIDField(), "id")
    field.model = Model  # type: ignore[assignment]
    keys = [value_of(field, number) for number in range(20)]
    assert keys == sorted(keys)
    assert {key.version for key in keys} == {5}


def test_one_of_the_open_rows_is_late() -> None:
    """A list of what is overdue has a row, and what ends still ends after it began."""
    optional = named(models.DateTimeField(null=True), "due_at")
    assert [value_of(optional, number) is None for number in range(4)] == [False, True, False, False]
    due, start = named(models.DateTimeField(), "due_at"), named(models.DateTimeField(), "start")
    moments = [(value_of(start, number), value_of(due, number)) for number in range(4)]
    assert [end < DEFAULT_CLOCK for _, end in moments] == [False, False, True, False]
    assert all(begin < end for begin, end in moments)


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        (fields.DateTimeRangeField(), datetime),
        (fields.DateRangeField(), date),
        (fields.IntegerRangeField(), int),
        (fields.DecimalRangeField(), int),
    ],
)
def test_ranges_of_two_rows_never_overlap(field: "models.Field[Any, Any]", kind: type) -> None:
    """An exclusion constraint would let one row in."""
    ranges = [value_of(named(field, "during"), number) for number in range(5)]
    bounds = [(one.lower, one.upper) for one in ranges]
    assert all(isinstance(bound, kind) for pair in bounds for bound in pair)
    assert all(lower < upper for lower, upper in bounds)
    assert all(before[1] <= after[0] for before, after in pairwise(bounds))


def test_a_clock_of_thirty_days_lies_between_start_and_end() -> None:
    """What is valid from a moment to another is valid at the clock of the audit."""
    begin, end = (value_of(named(models.DateTimeField(), name), 0) for name in ("valid_from", "valid_to"))
    assert begin + timedelta(days=30) == DEFAULT_CLOCK == end - timedelta(days=30)


def test_rows_have_a_choice_beside_the_default_in_turn() -> None:
    """What is approved or shipped is in another state before; half of the rows are as the model begins."""
    states = [(name, name) for name in ("open", "approved", "shipped")]
    field = named(models.CharField(choices=states, default="approved"), "status")
    assert [value_of(field, number) for number in range(8)] == [LEAVE, "open", LEAVE, "shipped"] * 2
    drafts = named(models.CharField(choices=states, default="shipped"), "status")
    assert [value_of(drafts, number) for number in range(4)] == [LEAVE, "open", LEAVE, "approved"]
    plain = named(models.CharField(choices=[("a", "a"), ("b", "b"), ("c", "c")], default="a"), "kind")
    assert [value_of(plain, number) for number in range(8)] == [LEAVE, "b", LEAVE, "c"] * 2
    assert value_of(plain, 1, is_minimal=True) is LEAVE


def test_there_is_something_to_give_away() -> None:
    """A stock that is 0 by default refuses every order; a count of failures stays."""
    assert value_of(named(models.IntegerField(default=0), "stock"), 1) == 11
    assert value_of(named(models.DecimalField(max_digits=8, decimal_places=2, default=0), "total"), 1) == 11
    assert value_of(named(models.IntegerField(default=0), "failures"), 1) is LEAVE


def test_a_validator_for_values_of_its_own_refuses_none() -> None:
    """A library's money is made of a number when it is saved: its validator asks a number for its amount."""

    def has_amount(value: Any) -> None:
        assert value.amount

    field = named(models.DecimalField(max_digits=6, decimal_places=2, validators=[has_amount]), "fee")
    assert value_of(field, 0) == Decimal("1.50")


def test_a_ceiling_leaves_room() -> None:
    """A form whose texts may have one letter, a group of at most one: nothing could be written there."""
    assert value_of(named(models.IntegerField(), "max_length"), 3) == 103
    assert value_of(named(models.IntegerField(), "climax"), 3) == 4
    assert value_of(named(models.IntegerField(validators=[MaxValueValidator(9)]), "limit"), 3) == 4


@isolate_apps("service.orders")
def test_no_two_rows_have_the_same_stamp() -> None:
    """What the clock writes differs from row to row where it goes on, and lies behind; chosen days have no stamp."""

    class Note(models.Model):  # noqa: DJ008 -- nobody looks at it
        created = models.DateTimeField(auto_now_add=True)
        changed = models.DateTimeField(auto_now=True)
        due = models.DateTimeField()
        day = models.DateField(auto_now_add=True)

        class Meta:
            app_label = "orders"

    stamps = [stamps_of(Note, number) for number in range(20)]
    assert [set(one) for one in stamps] == [{"created", "changed"}] * 20
    moments = [one["created"] for one in stamps]
    assert moments == sorted(set(moments))
    assert moments[-1] < DEFAULT_CLOCK
