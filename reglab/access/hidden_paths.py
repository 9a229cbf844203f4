"""Paths that a middleware answers by itself, before any URL is resolved: no URLconf names them, its code does."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

from django.conf import settings
from django.urls import Resolver404, resolve

from reglab.project.source_lines import ProjectFrames

_PATH: Final = re.compile(r"/[\w.~-]+(?:/[\w.~-]+)*/?")
_LENGTH_MAX: Final = 100


def hidden_paths(frames: ProjectFrames) -> Iterator[tuple[str, str]]:
    """Yield each path that stands in the code of the project's middleware and in no URLconf, and its `file:line`."""
    seen: set[str] = set()
    for name in dict.fromkeys(middleware.rpartition(".")[0] for middleware in settings.MIDDLEWARE):
        module = sys.modules.get(name) or import_module(name)
        file = getattr(module, "__file__", None) or ""
        place = frames.relative(file)
        if not place:
            continue
        for path, line in _paths_in(Path(file)):
            if path not in seen and not _is_known(path):
                seen.add(path)
                yield path, f"{place}:{line}"


def _paths_in(file: Path) -> Iterator[tuple[str, int]]:
    try:
        tree = ast.parse(file.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and len(text) <= _LENGTH_MAX and _PATH.fullmatch(text):
            yield text, getattr(node, "lineno", 0)


def _is_known(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
