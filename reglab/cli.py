"""Command line of Regression Lab: `reglab COMMAND`, the same parsers as the commands of manage.py."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Final

from reglab import __version__
from reglab.commands import COMMANDS, Command, CommandContext
from reglab.commands.parsing import Parser
from reglab.console import Console
from reglab.last_handler import exit_code_of
from reglab.termination import end_with_parent

DESCRIPTION: Final = (
    "Tells before a merge whether a change makes a Django project do more work, respond more slowly, touch data that "
    "it should not, or break under load. Exit codes: 0 pass, 1 fail, 2 could not run, 3 inconclusive."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 pass, 1 fail, 2 could not run, 3 inconclusive."""
    end_with_parent()
    console = Console.of_process()
    return exit_code_of("reglab", lambda: _run(sys.argv[1:] if arguments is None else arguments, console), console)


def _run(arguments: Sequence[str], console: Console) -> int:
    # A console script has its own folder on the path, where `python -m` has the project's.
    if os.getcwd() not in sys.path:  # noqa: PTH109  # as it stands on the path, a text
        sys.path.insert(0, os.getcwd())  # noqa: PTH109
    options = parser().parse_args(arguments)
    command: Command = options.command_of_reglab
    console = console.adjusted(is_quiet=options.quiet, is_verbose=options.verbose)

    def run() -> int:
        from reglab.config.project import read_project
        from reglab.project.settings import load_settings

        project = read_project()
        if command.needs_settings:
            load_settings(options.settings or project.settings, environment=project.environment)
        return command.run(options, CommandContext(console=console, project=project, program="reglab"))

    return exit_code_of(f"reglab {command.name}", run, console)


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command, with the options that all of them have."""
    whole = Parser(prog="reglab", description=DESCRIPTION)
    whole.add_argument("--version", action="version", version=f"regression-lab {__version__}")
    subparsers = whole.add_subparsers(required=True, metavar="COMMAND", dest="command_name")
    for command in COMMANDS:
        subparser = subparsers.add_parser(command.name, help=command.help, description=command.help)
        subparser.set_defaults(command_of_reglab=command, settings=None)
        command.add_arguments(subparser)
        _add_shared(subparser, command)
    return whole


def _add_shared(parser: argparse.ArgumentParser, command: Command, *, is_part: bool = False) -> None:
    """Add what every command understands, to its parts too: people write options last."""
    parts = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]  # noqa: SLF001
    # A part's own default would undo what stood before the part.
    default = argparse.SUPPRESS if is_part else False
    if "-v" not in parser._option_string_actions:  # noqa: SLF001  # argparse has no public way to its options
        parser.add_argument("-v", "--verbose", action="store_true", default=default, help="every cause, note and rule")
    parser.add_argument(
        "--quiet", action="store_true", default=default, help="no progress, and no more than the verdict"
    )
    if command.needs_settings:
        parser.add_argument(
            "--settings",
            metavar="MODULE",
            default=argparse.SUPPRESS if is_part else None,
            help="the project's settings module",
        )
    for part in parts:
        for below in part.choices.values():
            _add_shared(below, command, is_part=True)
