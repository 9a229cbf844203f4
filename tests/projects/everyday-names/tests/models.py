"""Tests that pupils sit."""

from django.db import models


class Test(models.Model):
    """A test with a title."""

    title = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.title
