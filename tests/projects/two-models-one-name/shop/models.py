"""Items for sale."""

from django.db import models


class Item(models.Model):
    """An item in a shop, which has a price."""

    slug = models.SlugField(unique=True)
    price_cents = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.slug
