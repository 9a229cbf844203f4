"""`python -m database run -- COMMAND …`: a throw-away PostgreSQL for as long as a command runs."""

import argparse
import os
import sys
from collections.abc import Sequence

from database import child
from database.configured import DATABASE_NAME, VARIABLE
from database.errors import ServerError
from database.server import Server
from database.settings import MEASURING, PROFILES

COULD_NOT_RUN = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the server, run the command with DATABASE_URL set, and give the command's exit code."""
    options = _parser().parse_args(arguments)
    try:
        with Server.throwaway(settings=PROFILES[options.settings], tcp=options.tcp) as server:
            server.create_database(options.name)
            url = server.tcp_url(options.name) if options.tcp else server.url(options.name)
            return child.run(options.command, environment={**os.environ, VARIABLE: url})
    except ServerError as error:
        print(f"python -m database: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    except KeyboardInterrupt:
        return 130  # while the server started or stopped


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m database", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="run")
    run = commands.add_parser("run", help="run a command with DATABASE_URL set to a new, empty PostgreSQL")
    run.add_argument("--settings", choices=sorted(PROFILES), default=MEASURING.name, help="default: %(default)s")
    run.add_argument("--name", default=DATABASE_NAME, help="the database to create (default: %(default)s)")
    run.add_argument("--tcp", action="store_true", help="give a URL on 127.0.0.1, for tools that know no Unix sockets")
    run.add_argument("command", nargs="+", metavar="COMMAND", help="after `--`: the command and its arguments")
    return parser


if __name__ == "__main__":
    sys.exit(main())
