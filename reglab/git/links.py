"""Links of exported files: those that lead out of the export lead where they led in the checkout."""

import os
from collections.abc import Iterator
from pathlib import Path


def settle_links(target: Path, folder: Path) -> None:
    """Let every link of `target`, the files of `folder`, that leaves the export point into the folder's place."""
    for link in _links(target):
        meant = Path(os.path.normpath(folder / link.relative_to(target).parent / link.readlink()))
        inside = target / meant.relative_to(folder) if meant.is_relative_to(folder) else None
        if inside is not None and (os.path.lexists(inside) or not meant.exists()):
            # Also a link that names the checkout in full: each side has its own.
            wanted = os.path.relpath(inside, link.parent)
        else:
            wanted = str(meant)
        if wanted != str(link.readlink()):
            link.unlink()
            link.symlink_to(wanted)


def _links(target: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(target):
        for name in (*folders, *files):
            path = Path(root) / name
            if path.is_symlink():
                yield path
