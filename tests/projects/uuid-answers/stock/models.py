"""Parts in stock, named by a random UUID."""

import uuid

from django.db import models


class Part(models.Model):
    """A part whose key Python draws."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.name
