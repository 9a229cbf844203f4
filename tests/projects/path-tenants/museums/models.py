"""Museums, what they keep, and the keys to their API."""

from django.conf import settings
from django.db import models


class Museum(models.Model):
    """Whoever has a path here."""

    name = models.CharField(max_length=60)
    slug = models.SlugField(unique=True)
    is_public = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Item(models.Model):
    """A thing that a museum keeps."""

    museum = models.ForeignKey(Museum, on_delete=models.CASCADE)
    title = models.CharField(max_length=60)

    def __str__(self) -> str:
        return self.title


class ApiKey(models.Model):
    """A key, of which the digest alone is kept."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    museum = models.ForeignKey(Museum, on_delete=models.CASCADE)
    digest = models.CharField(max_length=64, unique=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.digest
