"""Requests for what is not there, as scanners and mistyped links send them."""

from collections.abc import Iterator
from dataclasses import replace

from reglab.project.requests.test_client import Request


def unknown_requests(known: Request, count: int) -> Iterator[Request]:
    """Yield so many requests like a known one, each for another path below its first segment that no URL has."""
    root = known.path.partition("?")[0].split("/")[1]
    for number in range(count):
        yield replace(known, path=f"/{root}/reglab-nobody-{number}/" if root else f"/reglab-nobody-{number}/")
