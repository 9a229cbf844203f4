"""Yearly reports with a code."""

from django.db import models


class Report(models.Model):
    """A report of a year."""

    year = models.PositiveIntegerField(default=2026)
    code = models.CharField(max_length=8, default="abcdef12")

    def __str__(self) -> str:
        return self.code
