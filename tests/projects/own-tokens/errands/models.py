"""Errands of users, their steps, and the tokens that users prove themselves with."""

from django.conf import settings
from django.db import models


class Token(models.Model):
    """A key to the API."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    key = models.CharField(max_length=40, unique=True)

    def __str__(self) -> str:
        return self.key


class Errand(models.Model):
    """Something to do until a moment."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    title = models.CharField(max_length=40)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.title


class Step(models.Model):
    """A part of an errand."""

    errand = models.ForeignKey(Errand, on_delete=models.CASCADE, related_name="steps")
    text = models.CharField(max_length=40)
    number = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.text
