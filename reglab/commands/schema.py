"""Options of `schema`, and what runs it."""

import argparse
from pathlib import Path
from typing import Final

from reglab.commands import CommandContext

NAMES: Final = ("configuration", "suite", "policy", "profile", "targets", "verdict")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the choice of a schema, or of a folder for all of them."""
    choice = parser.add_mutually_exclusive_group(required=True)
    choice.add_argument("name", nargs="?", choices=NAMES, help="the kind of file whose JSON schema is printed")
    choice.add_argument("--write", type=Path, metavar="FOLDER", help="write the schema of every kind into a folder")


def run(options: argparse.Namespace, context: CommandContext) -> int:
    """Print a schema, or write all of them."""
    from reglab.report.schemas import schema_files, schema_text

    if options.name:
        context.console.say(schema_text(options.name).rstrip("\n"))
        return 0
    options.write.mkdir(parents=True, exist_ok=True)
    for name, text in schema_files():
        (options.write / name).write_text(text, encoding="utf-8")
        context.console.tell(f"{options.write / name}")
    return 0
