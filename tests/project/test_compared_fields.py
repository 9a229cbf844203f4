"""Fields that are compared: a stay ends after it began, in baked rows and in drafted bodies."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import models
from django.db.models import F, Q
from django.test.utils import isolate_apps

from reglab.project.data.baking.comparisons import kept_in_order
from reglab.project.data.baking.values import value_of
from reglab.project.drafting.bodies.moments import in_order, query_in_order


def checked(condition: Q) -> models.CheckConstraint:
    """Return a constraint, as the present version of Django spells it."""
    try:
        return models.CheckConstraint(condition=condition, name="in_order")
    except TypeError:
        return models.CheckConstraint(check=condition, name="in_order")  # type: ignore[call-arg]


def stay(condition: Q) -> type[models.Model]:
    """Return a model of stays under a condition."""

    class Stay(models.Model):  # noqa: DJ008 -- nobody looks at it
        departure = models.DateField()
        arrival = models.DateField()
        beds = models.IntegerField()
        taken = models.IntegerField(default=0)

        class Meta:
            app_label = "orders"
            constraints = (checked(condition),)

    return Stay


@isolate_apps("service.orders")
@pytest.mark.parametrize(
    "condition",
    [
        Q(departure__gt=F("arrival")),
        Q(arrival__lt=F("departure")),
        Q(departure__gte=F("arrival")),
        Q(beds__gt=0) & (Q(departure__gt=F("arrival")) | Q(departure__isnull=True)),
    ],
)
def test_what_a_constraint_wants_larger_is_larger(condition: Q) -> None:
    """Whichever side it names, and inside of other conditions; the rest of the row stays as it was."""
    model = stay(condition)
    day = value_of(model._meta.get_field("arrival"), 0)
    row = kept_in_order(model, {"arrival": day, "departure": day, "beds": 3})
    assert row == {"arrival": day, "departure": day + timedelta(days=1), "beds": 3}


@isolate_apps("service.orders")
def test_a_default_is_compared_as_well() -> None:
    """Of a field that is left to its default the default has to be large enough."""
    model = stay(Q(taken__gte=F("beds")))
    assert kept_in_order(model, {"beds": 3})["taken"] == 4


@isolate_apps("service.orders")
@pytest.mark.parametrize("condition", [Q(departure__gt=F("arrival")), ~Q(arrival__gt=F("departure")), Q(beds__gt=0)])
def test_what_is_in_order_and_what_is_excluded_stay(condition: Q) -> None:
    """A condition that is kept, one that is turned round, and one with a number move nothing."""
    later = {"arrival": 1, "departure": 9, "beds": 3}
    assert kept_in_order(stay(condition), later) == later


@isolate_apps("service.orders")
def test_of_two_days_without_a_name_that_tells_the_second_is_later() -> None:
    """A stay is declared with its arrival first, a flight with its departure; what the clock writes has no place."""

    class Trip(models.Model):  # noqa: DJ008 -- nobody looks at it
        made = models.DateField(auto_now_add=True)
        first = models.DateField()
        second = models.DateField()

        class Meta:
            app_label = "orders"

    first, second = (value_of(Trip._meta.get_field(name), 0) for name in ("first", "second"))
    assert second - first == timedelta(days=1)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"a": "2026-06-15", "b": "2026-06-15"}, {"a": "2026-06-15", "b": "2026-06-16"}),
        (
            {"a": "2026-06-15T12:34:56Z", "b": "2026-06-15T12:34:56Z"},
            {"a": "2026-06-15T12:34:56Z", "b": "2026-06-16T12:34:56Z"},
        ),
        ({"stays": [{"a": "2026-06-15"}, {"a": "2026-06-15"}]}, {"stays": [{"a": "2026-06-15"}, {"a": "2026-06-15"}]}),
        ({"a": "2026-06-14", "b": "2026-06-14", "c": 1}, {"a": "2026-06-14", "b": "2026-06-14", "c": 1}),
        ("text", "text"),
    ],
)
def test_days_of_one_body_follow_one_another(content: Any, expected: Any) -> None:
    """Only the day that a draft gives where no name tells is moved, in each object by itself."""
    assert in_order(content) == expected


def test_days_of_a_query_follow_one_another() -> None:
    """As those of a body; bindings stay as they are."""
    assert query_in_order("?room={room}&a=2026-06-15&b=2026-06-15") == "?room={room}&a=2026-06-15&b=2026-06-16"
    assert query_in_order("") == ""
