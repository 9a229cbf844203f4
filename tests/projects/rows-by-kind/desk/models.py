"""Remarks on papers, papers of two classes in one table, and settings by name and value."""

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Drawer(models.Model):
    """A place, which nobody remarks on."""

    label = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.label


class Remark(models.Model):
    """A text about a row of any model that declares the way back."""

    text = models.CharField(max_length=40)
    about_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    about_id = models.PositiveBigIntegerField()
    about = GenericForeignKey("about_type", "about_id")

    def __str__(self) -> str:
        return self.text


class Paper(models.Model):
    """A paper; its class is the one that its row names."""

    title = models.CharField(max_length=40)
    owner_email = models.EmailField()
    real_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    remarks = GenericRelation(Remark, content_type_field="about_type", object_id_field="about_id")

    def __str__(self) -> str:
        return self.title

    @property
    def sender(self) -> str:
        """Nobody, of a paper that is no letter."""
        return ""

    def as_real(self) -> "Paper":
        """The row as its own class."""
        model = self.real_type.model_class()
        assert model is not None
        return model.objects.get(pk=self.pk)  # type: ignore[attr-defined, no-any-return]


class Letter(Paper):
    """A paper that somebody sent."""

    sent_by = models.CharField(max_length=40)

    @property
    def sender(self) -> str:
        return self.sent_by


class Option(models.Model):
    """A setting, whatever its kind, as text."""

    name = models.CharField(max_length=40)
    value = models.TextField()
    handler_class = models.CharField(max_length=200, null=True, unique=True)

    def __str__(self) -> str:
        return self.name
