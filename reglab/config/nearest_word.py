"""Nearest known word: what a reader of a complaint probably meant."""

from difflib import get_close_matches
from typing import Any


def nearest(name: str, known: Any) -> str:
    """Return "; did you mean …?" with the nearest known name, or what is known where nothing is near."""
    names = [str(one) for one in known]
    if matches := get_close_matches(name, names, n=1, cutoff=0.6):
        return f"; did you mean {matches[0]!r}?"
    return f"; known: {', '.join(sorted(names)[:12])}" if names else ""
