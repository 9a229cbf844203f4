"""Parts, and rows that refuse to be saved."""

from typing import Any

from django.db import models


class OutOfServiceError(Exception):
    """The service behind a model is not there."""


class Part(models.Model):
    """A part with a name."""

    name = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name


class Label(models.Model):
    """A label that a printer has to print before it is saved."""

    part = models.ForeignKey(Part, models.CASCADE)

    def __str__(self) -> str:
        return f"label of {self.part_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        raise OutOfServiceError("the printer does not answer")


class Booking(models.Model):
    """A booking whose code reads a key that a fresh process lacks."""

    part = models.ForeignKey(Part, models.CASCADE)
    currency = models.CharField(max_length=3)

    def __str__(self) -> str:
        return self.currency

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.currency = {"EUR": "EUR"}[self.currency]
        super().save(*args, **kwargs)
