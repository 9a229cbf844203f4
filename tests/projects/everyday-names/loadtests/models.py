"""Tests of lifts under load."""

from django.db import models


class LoadTest(models.Model):
    """A test with a title."""

    title = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.title
