"""Shards: the parts of one stage that several machines measure, and how they are cut."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self, TypeVar

_Item = TypeVar("_Item")
_TEXT: Final = re.compile(r"(\d{1,4})/(\d{1,4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One of `count` parts of a suite, numbered from 1, as in `--shard 1/4`."""

    number: int
    count: int

    @classmethod
    def parsed(cls, text: str) -> Self:
        """Read "1/4". Raises ValueError."""
        found = _TEXT.fullmatch(text.strip())
        if found is None or not 1 <= int(found[1]) <= int(found[2]):
            raise ValueError(f"{text!r} is no shard; expected NUMBER/COUNT, as in 1/4 for the first of four")
        return cls(number=int(found[1]), count=int(found[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def of(self, items: Sequence[_Item]) -> tuple[_Item, ...]:
        """Return this part: every `count`-th item, so that neighbours, which often cost alike, are spread."""
        return tuple(items[self.number - 1 :: self.count])
