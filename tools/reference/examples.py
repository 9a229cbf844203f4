"""Worked examples of rules: what a planted regression prints, from the pages that the tests hold."""

import re
from pathlib import Path
from typing import Final

from tools.planted.catalogue import regressions

_GOLDEN: Final = Path(__file__).parents[2] / "tests" / "report" / "golden"
_FIRST_RULE: Final = re.compile(r"^\|---\|---\|---\|---\|---\|\n\| (?P<rule>[\w-]+) \|", re.MULTILINE)
_TERMINAL: Final = "-terminal-80.txt"


def examples() -> dict[str, str]:
    """Return an example in Markdown by rule: the pull request that broke it, and the first cause that was printed."""
    titles = {regression.name: regression.title for regression in regressions()}
    found: dict[str, str] = {}
    for page in sorted(_GOLDEN.glob(f"real-*{_TERMINAL}")):
        name = page.name.removeprefix("real-").removesuffix(_TERMINAL)
        rule = _FIRST_RULE.search((_GOLDEN / f"real-{name}.md").read_text(encoding="utf-8"))
        if rule and name in titles:
            first = page.read_text(encoding="utf-8").partition("\n\n")[0]
            found.setdefault(rule["rule"], _example(titles[name], name=name, printed=first))
    return found


def _example(title: str, *, name: str, printed: str) -> str:
    patch = f"[{title}](../../tools/planted/regressions/{name}.patch)"
    return f"**An example.** The pull request “{patch}” on the orders service prints:\n\n```text\n{printed}\n```\n"
