"""Stores of files in memory, which stand for the project's own: undone after a request, empty where data are built."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core import mail
from django.core.files.storage import InMemoryStorage, storages


@contextmanager
def files_undone() -> Iterator[None]:
    """Bring stores of files that are in memory, and the box of mail, back to what they held before the block."""
    outbox: list[Any] = getattr(mail, "outbox", [])
    mails = len(outbox)
    before = [(one, dict(one._children)) for root in _roots() for one in _directories(root)]  # noqa: SLF001
    try:
        yield
    finally:
        for one, children in before:
            one._children = children  # noqa: SLF001
        del outbox[mails:]


@contextmanager
def files_apart() -> Iterator[None]:
    """Let the block begin with empty stores, and put back afterwards what it has not stored under the same name.

    A name that is taken gets a suffix by chance: rows built second in a process would have other names of files.
    """
    before = [(root, root._children) for root in _roots()]  # noqa: SLF001
    for root, _ in before:
        root._children = {}  # noqa: SLF001
    try:
        yield
    finally:
        for root, children in before:
            _add_missing(root, children)


def _add_missing(node: Any, children: dict[str, Any]) -> None:
    for name, child in children.items():
        present = node._children.setdefault(name, child)  # noqa: SLF001
        if present is not child and hasattr(present, "_children") and hasattr(child, "_children"):
            _add_missing(present, child._children)  # noqa: SLF001


def _roots() -> list[Any]:
    """Return the root of each store in memory: Django has no public name for what such a store holds."""
    found: list[Any] = [storages[alias] for alias in storages.backends if alias != "staticfiles"]
    return [one._root for one in found if _is_in_memory(one)]  # noqa: SLF001


def _is_in_memory(store: Any) -> bool:
    return isinstance(store, InMemoryStorage)


def _directories(node: Any) -> Iterator[Any]:
    yield node
    for child in node._children.values():  # noqa: SLF001
        if hasattr(child, "_children"):
            yield from _directories(child)
