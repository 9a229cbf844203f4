"""Models of the small site."""

import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models


class Maker(models.Model):
    """Who makes parts."""

    name = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name


class Part(models.Model):
    """A part that belongs to a user."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=40, unique=True)
    maker = models.ForeignKey(Maker, on_delete=models.CASCADE)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    friends = models.ManyToManyField("self")

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="part_named")]

    def __str__(self) -> str:
        return self.name


class Note(models.Model):
    """A note about a part."""

    part = models.ForeignKey(Part, on_delete=models.CASCADE)
    text = models.CharField(max_length=40)
    kind = models.CharField(max_length=1, choices=[("a", "A"), ("b", "B")])

    def __str__(self) -> str:
        return self.text


class Report(models.Model):
    """A report of a year."""

    year = models.PositiveIntegerField(default=2026)
    code = models.CharField(max_length=8, default="abcdef12")

    def __str__(self) -> str:
        return self.code


class Slot(models.Model):
    """A slot that validates when it is saved."""

    starts = models.DateTimeField()
    ends = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.starts} to {self.ends}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.full_clean()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        if self.ends <= self.starts:
            raise ValidationError("ends before it starts")


class Refused(models.Model):
    """A model that nothing can be saved of."""

    name = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name

    def save(self, *_args: object, **_kwargs: object) -> None:
        raise RuntimeError("only the importer writes these")
