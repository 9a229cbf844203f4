"""Bodies of serializers: lists have several entries, each as unlike the others as its kind lets it be."""

from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.generics import GenericAPIView

from reglab.project.drafting.bodies.candidates import bodies_of
from reglab.project.endpoints.discovery import Endpoint
from service.orders.models import Customer

pytestmark = pytest.mark.django_db


class LineSerializer(serializers.Serializer[Any]):
    """An entry: a text and a row."""

    sku = serializers.CharField()
    customer = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.order_by("pk"))


class WholeSerializer(serializers.Serializer[Any]):
    """A body with a list of entries and a list of texts."""

    lines = LineSerializer(many=True)
    labels = serializers.ListField(child=serializers.CharField())


class WholeView(GenericAPIView):  # type: ignore[type-arg]
    """Reads the whole."""

    serializer_class = WholeSerializer


class LineView(GenericAPIView):  # type: ignore[type-arg]
    """Reads one entry, as far as its class says."""

    serializer_class = LineSerializer


def bodies(view: Any) -> list[Any]:
    """Return the bodies that a serializer gives for a view's POST."""
    endpoint = Endpoint(method="POST", path="/whole/", route="whole/", view=view.as_view())
    return [each.content for each in bodies_of(endpoint, b"") if each.source == "serializer"]


def test_a_list_has_entries_that_differ_before_it_has_one() -> None:
    """A write entry by entry costs more than one of all; where several are refused, one is tried."""
    for name in ("Ann", "Bob"):
        Customer.objects.create(name=name, email=f"{name}@rows.example")
    first, second, *_ = bodies(WholeView)
    assert [line["sku"] for line in first["lines"]] == ["drafted-1", "drafted-2", "drafted-3"]
    # A row of its own as long as there are any.
    assert [line["customer"] for line in first["lines"]] == ["{customer}", "{customer_2}", "{customer}"]
    assert first["labels"] == ["drafted-1", "drafted-2", "drafted-3"]
    assert (len(second["lines"]), len(second["labels"])) == (1, 1)


def test_a_body_is_an_entry_of_a_list_at_last() -> None:
    """An action may call its serializer with many=True: that stands in its code, not in its class."""
    Customer.objects.create(name="Ann", email="ann@rows.example")
    *others, last = bodies(LineView)
    assert all(isinstance(each, dict) for each in others)
    assert [entry["sku"] for entry in last] == ["drafted-1", "drafted-2", "drafted-3"]


class ActiveSerializer(serializers.Serializer[Any]):
    """A body that takes active customers alone."""

    customer = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.filter(is_active=True))


class ActiveView(GenericAPIView):  # type: ignore[type-arg]
    """Reads the body."""

    serializer_class = ActiveSerializer


def test_a_row_is_one_of_those_that_the_field_takes() -> None:
    """The first customer is retired: the field would refuse it."""
    for number in range(3):
        Customer.objects.create(name=f"C{number}", email=f"c{number}@rows.example", is_active=number > 0)
    assert bodies(ActiveView)[0] == {"customer": "{customer_2}"}
