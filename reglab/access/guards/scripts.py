"""Places of a project's scripts and templates that make markup, or code, of a text: no answer shows what they do."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.apps import apps
from django.template import engines

_ENDINGS: Final = frozenset({".js", ".mjs", ".html", ".htm"})
_LIBRARIES: Final = frozenset({"site-packages", "dist-packages", "node_modules"})
_MAKES: Final = re.compile(
    r"\.(innerHTML|outerHTML)\s*\+?=(?!=)"
    r"|\b(insertAdjacentHTML|createContextualFragment|eval)\s*\("
    r"|\b(document\.write(?:ln)?)\s*\("
    r"|\bnew\s+(Function)\s*\("
    r"|\b(dangerouslySetInnerHTML|v-html|x-html|ng-bind-html)\b"
)
_BYTES_MAX: Final = 2_000_000
# Says that scripts were looked at: what was accepted before nobody did is silent about them.
READ: Final = "scripts that were read"
_NAME: Final = "markup or code made by "


def scripts() -> Iterator[tuple[str, str]]:
    """Give that scripts were read, then each file of the project's that makes markup or code of texts, and by what."""
    yield READ, "yes"
    for path, shown in sorted(_files().items()):
        if found := Counter(name for _, name in _places(path)):
            yield _NAME + shown, ", ".join(f"{name} × {count}" for name, count in sorted(found.items()))


def is_of_scripts(name: str) -> bool:
    """Tell whether a guard is one of these."""
    return name == READ or name.startswith(_NAME)


def place_of_script(name: str) -> str:
    """Return the last line of a file that makes markup or code, most likely the new one; empty for another guard."""
    of_file = name.removeprefix(_NAME) if name.startswith(_NAME) else None
    lines = [line for path, shown in sorted(_files().items()) if shown == of_file for line, _ in _places(path)]
    return f"{of_file}:{lines[-1]}" if lines else ""


def _files() -> dict[Path, str]:
    """Return each of the project's own scripts and templates, with the path that it is shown by."""
    folders = [Path(folder) for engine in engines.all() for folder in getattr(engine, "template_dirs", ())]
    if apps.is_installed("django.contrib.staticfiles"):
        from django.contrib.staticfiles.finders import get_finders

        for finder in get_finders():
            folders += [Path(storage.location) for storage in getattr(finder, "storages", {}).values()]
    own = (folder for folder in folders if not _LIBRARIES.intersection(folder.resolve().parts) and folder.is_dir())
    found = ((path, folder) for folder in own for path in folder.rglob("*"))
    return {path: _shown(path, folder) for path, folder in found if path.suffix in _ENDINGS and path.is_file()}


def _places(path: Path) -> Iterator[tuple[int, str]]:
    """Give the number of each line that makes markup or code, and by what."""
    if path.stat().st_size > _BYTES_MAX:
        return
    text = path.read_text(encoding="utf-8", errors="replace")
    for found in _MAKES.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, next(name for name in found.groups() if name)


def _shown(path: Path, folder: Path) -> str:
    """Return a path from where the command runs, else from the folder that holds templates: names alone may repeat."""
    resolved, here = path.resolve(), Path.cwd().resolve()
    return (resolved.relative_to(here) if resolved.is_relative_to(here) else path.relative_to(folder)).as_posix()
