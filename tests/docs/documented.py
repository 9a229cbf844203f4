"""Collects the commands that README, CONTRIBUTING, SECURITY and the docs show: in blocks and within sentences."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (*(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")), *sorted(ROOT.glob("docs/*.md")))
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SHELLS = {"", "sh", "bash", "console"}
INLINE = re.compile(r"`([^`\n]+)`")
# The words that a command of ours begins with, and how much of them is left away.
PROGRAMS = {
    "reglab": re.compile(r"^(?:\S*/)?reglab (.*)$"),
    "manage.py": re.compile(r"^(?:\S*python3? )?manage\.py (.*)$"),
    "tox": re.compile(r"^(?:\S*/)?tox (.*)$"),
    "module": re.compile(r"^(?:\S*python3? )-m ((?:tools|deploy)\b.*)$"),
}


@dataclass(frozen=True, slots=True)
class Documented:
    """A command as a page shows it: `words` without placeholders of an option that may be left away."""

    page: str
    program: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}: {self.program} {shlex.join(self.words)}"


def documented() -> list[Documented]:
    """Return every command of ours, once a page."""
    found = dict.fromkeys(each for page in PAGES for each in _of(page))
    return list(found)


def _of(page: Path) -> Iterator[Documented]:
    text = page.read_text(encoding="utf-8")
    shown = [block for language, block in FENCE.findall(text) if language in SHELLS]
    blocks = [line for block in shown for line in block.replace("\\\n", " ").splitlines()]
    inline = INLINE.findall(FENCE.sub("", text))
    for line in (*blocks, *inline):
        for part in re.split(r"&&", line.strip().removeprefix("$ ").partition(" #")[0]):
            for program, pattern in PROGRAMS.items():
                if match := pattern.match(part.strip()):
                    yield Documented(page=page.name, program=program, words=_words(match[1]))


def _words(text: str) -> tuple[str, ...]:
    """Return the words: of alternatives the first, and an option, but no value, that may be left away."""
    plain = re.sub(r"\[[^-\]][^\]]*\]", "", text.replace("\\|", "|")).replace("[", "").replace("]", "")
    try:
        words = shlex.split(plain)
    except ValueError as error:
        raise ValueError(f"{text}: {error}") from None
    return tuple(word.partition("|")[0] for word in words if word not in {"…", "..."})
