"""Troubleshooting has each sentence that ends a command, as the code has it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from reglab import errors

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "troubleshooting.md"
ROW: Final = re.compile(r"^\| (?P<says>.+?) \| (?P<fix>.+) \|$", re.MULTILINE)
# A profile's own mistakes are PlacedError; a counter's, CounterError.
ENDING: Final = {"PlacedError", "CounterError"} | {
    name for name, value in vars(errors).items() if isinstance(value, type) and name != "SideError"
}
# What a sentence says of the project's own names stands as this in both.
GAP: Final = "…"
LETTERS_MIN: Final = 4
PIECE_MIN: Final = 7


def rows() -> list[tuple[str, str]]:
    """Every row of the page: what is printed, and what to do."""
    found = [(row["says"].replace("\\", ""), row["fix"]) for row in ROW.finditer(PAGE.read_text(encoding="utf-8"))]
    return [(says, fix) for says, fix in found if says not in {"it says", "---"}]


def template(node: ast.AST, named: dict[str, str]) -> str:
    """What a text in the code prints, with a gap for each value."""
    match node:
        case ast.Constant(value=value):
            return str(value)
        case ast.JoinedStr(values=values):
            return "".join(template(value, named) for value in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return template(left, named) + template(right, named)
        case ast.Name(id=name):
            return named.get(name, GAP)
    return GAP


@cache
def printed() -> tuple[dict[str, str], str]:
    """Return what ends a command, by place in the code, and every text of the code, with zeros between them."""
    ends: dict[str, str] = {}
    texts: list[str] = []
    for path in sorted((ROOT / "reglab").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = dict(_constants(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant | ast.JoinedStr):
                texts.append(template(node, named))
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
                called = node.exc.func
                name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
                if name in ENDING:
                    ends[f"{path.relative_to(ROOT)}:{node.lineno}"] = template(node.exc.args[0], named)
    return ends, "\0".join(texts)


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, template(node.value, {})


def is_told(says: str, text: str) -> bool:
    """Whether a row's words stand in one text, in their order."""
    pieces = [piece.strip() for piece in says.split(GAP) if piece.strip()]
    assert max(map(len, pieces)) >= PIECE_MIN, f"a row that would match anything: {says}"
    return re.search("[^\\0]*?".join(re.escape(piece) for piece in pieces), text) is not None


@pytest.mark.parametrize("says", [says for says, _ in rows()])
def test_what_the_page_quotes_is_printed(says: str) -> None:
    """A sentence that the code no longer has would be looked for in vain."""
    assert is_told(says, printed()[1])


def test_each_sentence_that_ends_a_command_is_on_the_page() -> None:
    """Whoever meets one finds it, with what to do; what is another program's own words is none of ours."""
    missing = [
        f"{place}: {text}"
        for place, text in printed()[0].items()
        if len(re.findall(r"[a-z]", text)) >= LETTERS_MIN and not any(is_told(says, text) for says, _ in rows())
    ]
    assert missing == []
