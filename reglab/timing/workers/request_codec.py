"""Requests on their way through a pipe of JSON: bound once in the process that knows the suite, sent by the others."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final

from reglab.project.requests.test_client import Request

# Maps every byte to one character and back.
_ENCODING: Final = "latin-1"


def packed(requests: Iterable[Request]) -> list[dict[str, Any]]:
    """Return requests as JSON can hold them."""
    return [asdict(request) | {"body": request.body.decode(_ENCODING)} for request in requests]


def unpacked(parcels: Iterable[Mapping[str, Any]]) -> tuple[Request, ...]:
    """Return the requests that `packed` was given."""
    return tuple(Request(**{**parcel, "body": parcel["body"].encode(_ENCODING)}) for parcel in parcels)
