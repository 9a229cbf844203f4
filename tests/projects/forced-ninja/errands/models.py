"""Errands of users, in offices."""

from django.conf import settings
from django.db import models


class Office(models.Model):
    """Found by the header of a request."""

    code = models.SlugField(unique=True)
    is_open = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.code


class Errand(models.Model):
    """Something to do."""

    office = models.ForeignKey(Office, on_delete=models.CASCADE)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    title = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.title
