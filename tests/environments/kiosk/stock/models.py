"""Papers that the kiosk sells."""

from django.db import models


class Paper(models.Model):
    """A newspaper, with the copies that are left."""

    title = models.CharField(max_length=40)
    copies = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.title
