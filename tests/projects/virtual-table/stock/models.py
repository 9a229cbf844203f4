"""Parts in stock."""

from django.db import models


class Part(models.Model):
    """A part with a name."""

    name = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name
