"""Parts with a code that has its rule."""

from django.core.validators import RegexValidator
from django.db import models


class Part(models.Model):
    """A thing in stock."""

    code = models.CharField(max_length=8, unique=True, validators=[RegexValidator(r"^[A-Z]{2}-\d{5}$")])
    name = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name
