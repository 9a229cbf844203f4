"""Services that a garage offers."""

from django.db import models


class Service(models.Model):
    """A service with a title."""

    title = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.title
