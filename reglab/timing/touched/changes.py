"""Functions that a change touches, from both sides of its diff."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reglab.git.command import Git

# What a person may have configured for diffs changes their text.
_PLAIN: Final = ("--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules")
_HUNK: Final = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
Function = tuple[str, str]
"""A file relative to the folder, and the qualified name of a function in it, as a code object spells it."""


@dataclass(slots=True, kw_only=True)
class Changes:
    """How many lines of each function differ, and the places outside of any function that do."""

    functions: dict[Function, int] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)


def changes_between(folder: Path, *, baseline: str, candidate: str, paths: tuple[str, ...]) -> Changes:
    """Read the diff of a commit against another, or against the work tree where `candidate` is empty.

    Raises GitError.
    """
    git, found = Git(folder=folder), Changes()
    sides = [baseline, candidate] if candidate else [baseline]
    for before, after in _files(git, sides, paths):
        name = after or before
        if not name.endswith(".py"):
            found.elsewhere.append(name)
            continue
        _note(found, git, before=before, after=after, sides=sides)
    return found


def _files(git: Git, sides: list[str], paths: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return each changed file's names on both sides: two for a renamed one, an empty one where it is not there."""
    words = git.paths("diff", *_PLAIN, "--find-renames", "--name-status", "--relative", "-z", *sides, "--", *paths)
    found, rest = [], iter(words)
    for status in rest:
        name = next(rest)
        if status.startswith(("R", "C")):
            found.append((name, next(rest)))
        else:
            found.append(("" if status == "A" else name, "" if status == "D" else name))
    return sorted(found, key=lambda names: names[1] or names[0])


def _note(found: Changes, git: Git, *, before: str, after: str, sides: list[str]) -> None:
    baseline = git.ask("show", f"{sides[0]}:./{before}") if before else b""
    candidate = b""
    if after:
        candidate = git.ask("show", f"{sides[1]}:./{after}") if len(sides) > 1 else _read(git.folder / after)
    lines_before, lines_after = _changed_lines(git, [name for name in (before, after) if name], sides)
    for name, source, lines in ((before, baseline, lines_before), (after, candidate, lines_after)):
        functions, ignored = _functions_by_line(source)
        for line in lines:
            if line in functions:
                key = (name, functions[line])
                found.functions[key] = found.functions.get(key, 0) + 1
            elif line not in ignored:
                found.elsewhere.append(f"{name}:{line}")


def _changed_lines(git: Git, names: list[str], sides: list[str]) -> tuple[list[int], list[int]]:
    before: list[int] = []
    after: list[int] = []
    diff = git.ask("diff", *_PLAIN, "--find-renames", "--unified=0", "--relative", *sides, "--", *names)
    for line in diff.splitlines():
        if hunk := _HUNK.match(line):
            start, count, start_after, count_after = (int(one) if one is not None else 1 for one in hunk.groups())
            before.extend(range(start, start + count))
            after.extend(range(start_after, start_after + count_after))
    return before, after


def _functions_by_line(source: bytes) -> tuple[dict[int, str], set[int]]:
    """Return the innermost function of each line, and the lines that change nothing: imports, comments, texts alone."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return {}, set()
    functions: dict[int, str] = {}
    for node, name in _named(tree, ""):
        first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
        functions.update(dict.fromkeys(range(node.lineno, (node.end_lineno or first) + 1), name))
    ignored = {
        number
        for number, text in enumerate(source.decode(errors="replace").splitlines(), start=1)
        if not text.strip() or text.lstrip().startswith("#")
    }
    for inner in ast.walk(tree):
        is_text = (
            isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Constant) and isinstance(inner.value.value, str)
        )
        if isinstance(inner, ast.stmt) and (is_text or isinstance(inner, ast.Import | ast.ImportFrom)):
            ignored.update(range(inner.lineno, (inner.end_lineno or inner.lineno) + 1))
    return {line: name for line, name in functions.items() if line not in ignored}, ignored


def _named(node: ast.AST, prefix: str) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, str]]:
    """Yield functions with their qualified names, the outer ones first."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield child, f"{prefix}{child.name}"
            yield from _named(child, f"{prefix}{child.name}.<locals>.")
        elif isinstance(child, ast.ClassDef):
            yield from _named(child, f"{prefix}{child.name}.")
        else:
            yield from _named(child, prefix)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
