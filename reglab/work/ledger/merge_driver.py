"""Git's merge driver for files of the ledger: reads three, writes one, and says what only measuring can decide."""

import argparse
from pathlib import Path
from typing import Final

from reglab.console import Console
from reglab.errors import AuditError
from reglab.work.ledger.known_problems import merged_known, parsed_known
from reglab.work.ledger.merge import merged
from reglab.work.ledger.merge_tables import merged_tables
from reglab.work.ledger.scenario_file import KNOWN_PROBLEMS, ScenarioLedger, parsed

# Any exit but 0 tells git that the file conflicts; 1 is kept for "the change is bad".
CONFLICT: Final = 3


def merge_files(options: argparse.Namespace, console: Console) -> int:
    """Merge, write OURS, and return 0, or 3 for a conflict. Raises AuditError where a file cannot be believed."""
    name = Path(options.path or options.ours)
    if name.name == KNOWN_PROBLEMS:
        sides = [parsed_known(_text(path), path=name) for path in (options.base, options.ours, options.theirs)]
        options.ours.write_text(merged_known(*sides).text(), encoding="utf-8")
        return 0
    if name.suffix == ".toml":
        return _merge_tables(options, name, console)
    base, ours, theirs = (_ledger(path, name) for path in (options.base, options.ours, options.theirs))
    text, conflicts = merged(base, ours, theirs)
    options.ours.write_text(text, encoding="utf-8")
    if not conflicts:
        return 0
    console.tell(
        f"{name}: both sides accepted another value of {', '.join(conflicts)}; keep either line, remove the markers, "
        f'and let `reglab audit --only {name.stem} --accept "why"` measure which is right'
    )
    return CONFLICT


def _merge_tables(options: argparse.Namespace, name: Path, console: Console) -> int:
    """Merge a matrix of access, or what the further audits know: no line of it is a number to be measured again."""
    texts = [_text(path) for path in (options.base, options.ours, options.theirs)]
    text, conflicts = merged_tables(*texts, path=name)
    options.ours.write_text(text, encoding="utf-8")
    if not conflicts:
        return 0
    console.tell(
        f"{name}: both sides accepted another value of {', '.join(conflicts)}; ours stands there; "
        '`reglab probe --accept "why"` finds out which is right'
    )
    return CONFLICT


def _ledger(path: Path, name: Path) -> ScenarioLedger:
    text = _text(path)
    # Git gives an empty file for a side that has none.
    return parsed(text, path=name) if text.strip() else ScenarioLedger()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise AuditError(
            f"{path}: cannot be read: {error.strerror}; git calls this with three files, as its merge driver "
            "(docs/audit.md)"
        ) from None
