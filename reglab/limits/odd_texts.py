"""Odd texts for a field: of its own length and around it, of many alphabets, and such as expressions backtrack at."""

from collections.abc import Iterator
from typing import Any, Final

from reglab.limits.fields import Limits

# Letters of several planes, a letter with its mark apart, one that reads from right to left, and a joined family.
_UNICODE: Final = ("é", "你好", "😀", "e\u0301", "שלום", "👩\u200d👧", "\U0010ffff")
# Letters that become several where a text is brought to one form, or to capitals or small letters.
_GROWING: Final = ("\ufb03", "\u00df", "\u0130")
_ODD_TEXTS: Final = ("", "\x00", "\ud800", "%", "../../etc/passwd", "a\x00b")
HOSTILE_LENGTH: Final = 40
# What makes expressions with a repetition inside a repetition backtrack: a long run, and an end that fails.
_HOSTILE: Final = ("a", "A", "0", "-", ".", "_", " ", "a-", "a.", "aA0")
# The same where one repetition follows another: what is looked through from each of its characters on takes minutes.
_LONG_RUN: Final = 30_000
_LONG_RUNS: Final = (("a", "\n"), (" ", "a"), ("0", "!"))


def odd_texts(limits: Limits, old: str) -> Iterator[tuple[Any, str]]:
    """Yield each value with the words for it, most of them texts; `old` is one that the field takes."""
    lengths = (limits.max_length + step for step in (-1, 0, 1)) if limits.max_length else iter((255, 256, 5000))
    for length in lengths:
        yield text_of_length(old or "x", length), f"a text of {length:,} characters"
    if limits.max_length and "@" not in old:
        for letter in _GROWING:
            yield letter * limits.max_length, f"{letter!a} repeated to {limits.max_length:,} characters"
    for text in _UNICODE:
        yield _in(old, text), ascii(text)
    for text in _ODD_TEXTS:
        yield text, ascii(text)
    for unit in _HOSTILE:
        length = min(HOSTILE_LENGTH, limits.max_length or HOSTILE_LENGTH) - 1
        yield (unit * length)[:length] + "!", f"{unit!r} repeated to {length} characters, then '!'"
    for unit, end in _LONG_RUNS:
        yield unit * _LONG_RUN + end, f"{unit!r} repeated {_LONG_RUN:,} times, then {end!r}"
    yield 5, "5"


def text_of_length(old: str, length: int) -> str:
    """Return a text of that length that is as valid as `old`: an address keeps its form."""
    local, at, domain = old.partition("@")
    if at and "." in domain:
        # A label of a domain has 63 characters at most, and the part before the @ has 64.
        filler = ".".join(["d" * 50] * (length // 51 + 1))
        rest = length - len(local) - 1 - len(domain) - 1
        return f"{local}@{filler[: max(0, rest)].strip('.')}.{domain}" if rest > 0 else f"{local}@{domain}"
    return (old * (length // len(old) + 1))[:length]


def _in(old: str, text: str) -> str:
    return f"{text} {old}" if "@" not in old else f"{text}{old}"
