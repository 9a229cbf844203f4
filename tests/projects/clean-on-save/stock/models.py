"""Tags, and slots that validate themselves."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models


class Tag(models.Model):
    """A tag with a name."""

    name = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name


class Slot(models.Model):
    """A time from here to there."""

    starts = models.DateTimeField()
    ends = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.starts}-{self.ends}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.full_clean()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        if self.ends <= self.starts:
            raise ValidationError("ends before it starts")
