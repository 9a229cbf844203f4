"""Patch of the ledger: what `--accept` would write, as a change that `git apply` takes."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from difflib import unified_diff
from pathlib import Path
from typing import Final

from reglab.work.audit import Audit
from reglab.work.expectations import Expectations
from reglab.work.ledger.acceptance import accept
from reglab.work.ledger.scenario_file import NO_REASON

# Git demands some context; a counter stands between two empty lines, so that one line is enough to find it.
_CONTEXT_LINES: Final = 1
_NOTHING: Final = "/dev/null"
_NO_LAST_LINE_END: Final = "\n\\ No newline at end of file\n"


def patch_of(measured: Audit, expected: Expectations) -> str:
    """Return the change of the ledger that accepts what was measured; paths are seen from the working folder.

    Empty where nothing is to accept, where there is no ledger yet, and where the ledger lies outside of the working
    folder: git refuses such a path. The reason is left to the person who applies it.
    """
    folder = Path(os.path.relpath(expected.ledger.path))
    if expected.ledger.is_empty or measured.is_interrupted or ".." in folder.parts:
        return ""
    with tempfile.TemporaryDirectory() as scratch:
        after = Path(scratch) / "ledger"
        shutil.copytree(folder, after)
        ledger = expected.ledger.copied_to(after)
        accept(measured, ledger, why=NO_REASON, stability=expected.stability, spare=expected.known.covers)
        replace(expected, ledger=ledger).knowing(measured, newly=())
        names = sorted({path.name for side in (folder, after) for path in side.glob("*.json")})
        return "".join(line for name in names for line in _change(folder / name, after / name))


def _change(before: Path, after: Path) -> Iterator[str]:
    texts = [path.read_bytes().decode() if path.exists() else "" for path in (before, after)]
    base, head = (text.splitlines(keepends=True) for text in texts)
    sides = (f"a/{before}" if before.exists() else _NOTHING, f"b/{before}" if after.exists() else _NOTHING)
    lines = unified_diff(base, head, fromfile=sides[0], tofile=sides[1], n=_CONTEXT_LINES)
    for line in lines:
        yield line if line.endswith("\n") else line + _NO_LAST_LINE_END
