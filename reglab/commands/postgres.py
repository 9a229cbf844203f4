"""Options of `postgres`, and what runs it."""

import argparse

from reglab.commands import CommandContext


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of a throw-away server."""
    parts = parser.add_subparsers(required=True, metavar="run", dest="part")
    run_part = parts.add_parser("run", help="run a command with DATABASE_URL set to a new, empty PostgreSQL")
    run_part.add_argument("--profile", default="measuring", help="the server's settings (default: %(default)s)")
    run_part.add_argument("--name", default="app", help="the database to create (default: %(default)s)")
    run_part.add_argument("--tcp", action="store_true", help="a URL on 127.0.0.1, for tools without Unix sockets")
    run_part.add_argument("words", nargs="+", metavar="COMMAND", help="after `--`: the command and its arguments")


def run(options: argparse.Namespace, context: CommandContext) -> int:  # noqa: ARG001  # every command takes both
    """Run the command, and return its exit code."""
    from reglab.postgres import commandline

    return commandline.run(options)
