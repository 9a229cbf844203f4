"""Tasks that people write down."""

from django.conf import settings
from django.db import models


class Task(models.Model):
    """A task of a user."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    title = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.title
