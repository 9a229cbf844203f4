"""Authors, their books, and what the database itself notes down when a book is sold."""

from django.db import models


class Author(models.Model):
    """Somebody who writes."""

    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Book(models.Model):
    """A book on the shelf. `blurb` is searched, and no index serves that: planted."""

    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")
    title = models.CharField(max_length=100)
    blurb = models.CharField(max_length=200, default="")
    stock = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.title


class Sale(models.Model):
    """A line that a trigger writes: no statement of the project names this table."""

    book = models.ForeignKey(Book, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return f"sale of {self.book_id}"
