"""`python -m bench audit`, `race`, `compare`, `bisect`: for any Django project, from its own folder."""

import argparse
import os
import sys
from importlib import import_module
from typing import Final

# Imported when the settings are loaded, and not before.
RUNNERS: Final = {
    "audit": "bench.commandline",
    "race": "bench.race.commandline",
    "compare": "bench.paired.commandline",
    "bisect": "bench.paired.bisection_commandline",
}


def main(arguments: list[str]) -> int:
    """Load the project's settings and run one command; a user's mistake is one line and exit code 2."""
    from bench import commandline
    from bench.paired import arguments as paired
    from bench.race import arguments as race

    parser = argparse.ArgumentParser(prog="python -m bench")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    auditing = commands.add_parser("audit", help="count the work of every endpoint and hold it against the ledger")
    commandline.add_arguments(auditing)
    racing = commands.add_parser(
        "race", help="interleave every two writing requests, and hold them against serial orders"
    )
    race.add_arguments(racing)
    comparing = commands.add_parser("compare", help="prove that a revision is slower than another, or that it is not")
    paired.add_compare_arguments(comparing)
    bisecting = commands.add_parser("bisect", help="find the commit that made a scenario worse")
    paired.add_bisect_arguments(bisecting)
    for each in (auditing, racing, comparing, bisecting):
        each.add_argument("--settings", help="the project's settings module (default: DJANGO_SETTINGS_MODULE)")
    return _with_settings(parser.parse_args(arguments))


def _with_settings(options: argparse.Namespace) -> int:
    from django.core.exceptions import ImproperlyConfigured

    from bench import commandline
    from database.configured import NO_SERVER_URL, VARIABLE

    if options.settings:
        os.environ["DJANGO_SETTINGS_MODULE"] = options.settings
    # Settings that read it load; where they ask for PostgreSQL, the audit starts one.
    os.environ.setdefault(VARIABLE, NO_SERVER_URL)
    try:
        import django

        django.setup()
    except (ImproperlyConfigured, ImportError) as error:
        print(
            f"{options.command}: the settings {options.settings or '(none named)'} cannot be loaded: {error}",
            file=sys.stderr,
        )
        return commandline.COULD_NOT_RUN
    code: int = import_module(RUNNERS[options.command]).run(options)
    return code


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
