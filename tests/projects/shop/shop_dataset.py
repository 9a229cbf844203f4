"""The shop's rows for the audit."""

from catalogue.models import Author, Book


def build(*, books: int) -> None:
    """Make `books` books, each by an author of its own."""
    authors = Author.objects.bulk_create(Author(name=f"Author {number}") for number in range(books))
    Book.objects.bulk_create(
        Book(author=author, title=f"Book {number}", blurb=f"blurb {number}", stock=9)
        for number, author in enumerate(authors)
    )
