"""Items on shelves."""

from django.db import models


class Item(models.Model):
    """An item in a depot, which lies on a shelf."""

    code = models.CharField(max_length=12, unique=True)
    shelf = models.PositiveIntegerField()

    def __str__(self) -> str:
        return self.code
