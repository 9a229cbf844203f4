"""Errands of users."""

from django.conf import settings
from django.db import models


class Errand(models.Model):
    """Something to do."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    title = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.title
