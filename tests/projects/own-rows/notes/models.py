"""Notes of users, with the words that they are found by."""

from django.conf import settings
from django.db import models


class Note(models.Model):
    """A note that belongs to somebody."""

    writer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    text = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.text


class Word(models.Model):
    """A word that a note is found by."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="words")
    text = models.CharField(max_length=20)

    def __str__(self) -> str:
        return self.text
