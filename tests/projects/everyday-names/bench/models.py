"""Benches in a park."""

from django.db import models


class Bench(models.Model):
    """A bench with a name on it."""

    title = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.title
