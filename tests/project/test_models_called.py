"""Models that a word of a path speaks of: by name, in plural, and by the last word of a class's name."""

import pytest
from django.db import models

from reglab.project.drafting.view_models import model_called
from service.orders.models import Order, OrderItem


@pytest.mark.parametrize(
    ("word", "model"),
    [("orders", Order), ("order_id", Order), ("items", OrderItem), ("item", OrderItem), ("orderitems", OrderItem)],
)
def test_a_word_names_a_model(word: str, model: type[models.Model]) -> None:
    """Exactly, in plural, or by what it is short for where only one class ends so."""
    assert model_called(word) is model


@pytest.mark.parametrize("word", ["entries", "em", "deritem", "new", "view"])
def test_a_part_of_a_word_names_none(word: str) -> None:
    """Words of a class's name count as wholes; of a word that Django's own classes share, none is meant."""
    assert model_called(word) is None
