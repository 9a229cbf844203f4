"""Files for bodies: one white pixel, which is an image to those who want one, and a document to all others."""

import base64
from collections.abc import Mapping
from typing import Any, Final

from reglab.project.data.baking.values import PNG

_KEYS: Final = {"filename", "base64"}


def sample_file(name: str) -> dict[str, str]:
    """Return a file for a field of this name, as a suite writes it."""
    return {"filename": f"{name.strip('[]')}.png", "base64": base64.b64encode(PNG).decode()}


def has_file(content: Any) -> bool:
    """Return whether a body has a file, so that it has to be sent in parts."""
    values = content.values() if isinstance(content, Mapping) else ()
    return any(isinstance(value, Mapping) and set(value) == _KEYS for value in values)
