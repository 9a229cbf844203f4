"""Parser of every command: a word that it does not know is told with the nearest one that it does."""

import argparse
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from reglab.config.nearest_word import nearest

_UNKNOWN: Final = re.compile(r"unrecognized arguments: (?P<word>-\S+)")


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints end with the nearest word. Its subparsers are of the same kind."""

    def error(self, message: str) -> NoReturn:
        """Print the complaint and exit with 2."""
        if found := _UNKNOWN.search(message):
            word = found["word"].partition("=")[0]
            message += _advice(word, set(_options(self)))
        super().error(message)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        try:
            super()._check_value(action, value)
        except argparse.ArgumentError as error:
            names = [str(one) for one in action.choices or () if isinstance(one, str)]
            raise argparse.ArgumentError(action, f"there is no {value!r}{nearest(str(value), names)}") from error


def _advice(word: str, known: set[str]) -> str:
    if word in known:
        return f"; {word} is of another command, or goes before the part: --help lists what goes here"
    return nearest(word, sorted(known)) if word.startswith("--") else ""


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the long options of a parser and of all parsers below it."""
    for action in parser._actions:  # noqa: SLF001  # argparse has no public way to its options
        yield from (name for name in action.option_strings if name.startswith("--"))
        if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001  # as above
            for below in set(action.choices.values()):
                yield from _options(below)
