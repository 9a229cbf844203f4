"""Names of drafted scenarios: unique, and of the letters that a suite takes, for any path."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_SEPARATORS: Final = re.compile(r"[^a-z0-9]+")


class Names:
    """Hands out names; those that a suite has already are never given again."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)

    def for_endpoint(self, method: str, path: str) -> str:
        """Return a name made of the method and the words of the path, with a number where it is taken."""
        plain = unicodedata.normalize("NFKD", path).encode("ascii", "ignore").decode().lower()
        words = _SEPARATORS.sub("-", plain).strip("-")
        name = f"{method.lower()}-{words or 'root'}"
        unique, number = name, 1
        while unique in self._taken:
            number += 1
            unique = f"{name}-{number}"
        self._taken.add(unique)
        return unique
