"""Reports that were written."""

from django.db import models


class Report(models.Model):
    """A report with a title."""

    title = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.title
