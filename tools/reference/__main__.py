"""Writes the reference pages: `python -m tools.reference`."""

import sys

from tools.reference.pages import FOLDER, pages


def main() -> int:
    """Write each page, and say which changed."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages():
        path = FOLDER / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{path}\n")
    return 0


sys.exit(main())
