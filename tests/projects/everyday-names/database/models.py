"""Books in a library, and who wrote them."""

from django.db import models


class Author(models.Model):
    """Who wrote a book."""

    name = models.CharField(max_length=50)

    def __str__(self) -> str:
        return self.name


class Book(models.Model):
    """A book of an author."""

    title = models.CharField(max_length=50)
    author = models.ForeignKey(Author, models.CASCADE)

    def __str__(self) -> str:
        return self.title
