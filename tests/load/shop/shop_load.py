"""The shop's load: books are put on the shelf, looked at, taken off."""

from random import Random

from reglab.load.operations import Effect, Kind, Load, Operation, Preparer, Request
from reglab.load.pool import Pool

BOOK = Kind(name="book", path="/books/{id}/", marker="title", fields=("title",))


def list_books(pool: Pool, draw: Random) -> Request:
    return Request(method="GET", path="/books/")


def read_book(pool: Pool, draw: Random) -> Request:
    return Request(method="GET", path=f"/books/{pool.choose('books', draw)}/")


def add_book(pool: Pool, draw: Random) -> Request:
    title = pool.next_key()
    effect = Effect(kind="book", change="create", key=title, fields={"title": title}, keep="books")
    return Request(method="POST", path="/books/", form={"title": title}, effects=(effect,))


def remove_book(pool: Pool, draw: Random) -> Request | None:
    book = pool.take("books", draw)
    if book is None:
        return None
    effect = Effect(kind="book", change="delete", key=book.key, row=book.id)
    return Request(method="DELETE", path=f"/books/{book.id}/", effects=(effect,))


def prepare(preparer: Preparer) -> None:
    books = [preparer.make(add_book(preparer.pool, preparer.draw)) for _ in range(preparer.data["books"])]
    preparer.pool.shared["books"] = books


OPERATIONS = {
    "list-books": Operation(endpoint="GET /books/", request=list_books),
    "read-book": Operation(endpoint="GET /books/{pk}/", request=read_book),
    "add-book": Operation(endpoint="POST /books/", request=add_book, writes=True),
    "remove-book": Operation(endpoint="DELETE /books/{pk}/", request=remove_book, writes=True, otherwise="add-book"),
}
LOAD = Load(kinds=(BOOK,), operations=OPERATIONS, data={"books": 5}, prepare=prepare)
