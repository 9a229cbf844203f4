"""`python -m bench audit`: audit any Django project from its own folder."""

import argparse
import os
import sys


def main(arguments: list[str]) -> int:
    """Load the project's settings and run one command; a user's mistake is one line and exit code 2."""
    from bench import commandline

    parser = argparse.ArgumentParser(prog="python -m bench")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    auditing = commands.add_parser("audit", help="count the work of every endpoint and hold it against the ledger")
    auditing.add_argument("--settings", help="the project's settings module (default: DJANGO_SETTINGS_MODULE)")
    commandline.add_arguments(auditing)
    options = auditing.parse_args(arguments[1:]) if arguments[:1] == ["audit"] else parser.parse_args(arguments)
    return _with_settings(options)


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
        print(f"audit: the settings {options.settings or '(none named)'} cannot be loaded: {error}", file=sys.stderr)
        return commandline.COULD_NOT_RUN
    return commandline.run(options)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
