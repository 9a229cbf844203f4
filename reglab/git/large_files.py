"""Pointers of Git LFS in exported files: replaced by what they stand for, as far as that is on this machine.

https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
"""

import hashlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from reglab.git.command import Git

_BYTES_MAX: Final = 1024
_POINTER: Final = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:.*\n)*?oid sha256:([0-9a-f]{64})\nsize \d+\n"
)


def fill_pointers(git: Git, target: Path) -> tuple[str, ...]:
    """Put the large files into `target`, the files of a checkout; return those whose content is not here."""
    pointers = dict(_pointers(target))
    if not pointers:
        return ()
    store = git.folder / git.text("rev-parse", "--git-common-dir") / "lfs" / "objects"
    missing = []
    for name, identity in pointers.items():
        stored = store / identity[:2] / identity[2:4] / identity
        source = next((path for path in (stored, git.folder / name) if _has(path, identity)), None)
        if source is None:
            missing.append(name)
        else:
            shutil.copyfile(source, target / name)
    return tuple(missing)


def _pointers(target: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(target.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _BYTES_MAX:
            continue
        if found := _POINTER.fullmatch(path.read_bytes()):
            yield str(path.relative_to(target)), found[1].decode()


def _has(path: Path, identity: str) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == identity
