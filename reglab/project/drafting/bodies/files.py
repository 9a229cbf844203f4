"""Files for bodies: one white pixel, which is an image to those who want one, and a document to all others."""

import base64
from collections.abc import Mapping
from typing import Any

from reglab.project.data.baking.values import PNG
from reglab.project.requests.request_builder import is_file


def sample_file(name: str) -> dict[str, str]:
    """Return a file for a field of this name, as a suite writes it."""
    return {"filename": f"{name.strip('[]')}.png", "base64": base64.b64encode(PNG).decode()}


def has_file(content: Any) -> bool:
    """Return whether a body has a file, so that it has to be sent in parts."""
    return isinstance(content, Mapping) and any(map(is_file, content.values()))
