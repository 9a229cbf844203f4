#!/usr/bin/env python
"""Django's commands for the orders service and for the harness, with a development database when there is none."""

import os
import sys
from pathlib import Path

try:
    from django.core.management import execute_from_command_line

    from reglab.errors import ServerError
    from reglab.postgres.database_url import NO_SERVER_URL, VARIABLE, configured_url
except ModuleNotFoundError as missing:
    sys.exit(
        f"manage.py: the package {missing.name} is missing: "
        "`pip install --require-hashes -r requirements/gate-django52.txt` in this project's virtual environment."
    )

# They need no database, or start one of their own.
HARNESS_COMMANDS = ("init", "gate", "audit", "race", "benchmark", "compare", "bisect", "load", "report")
COMMANDS_WITHOUT_SERVER = ("help", "version", "test", *HARNESS_COMMANDS)
HELP_OPTIONS = ("-h", "--help", "--version")
COULD_NOT_RUN = 2


def main(arguments: list[str]) -> None:
    """Run one command; DATABASE_URL decides on which database."""
    command = arguments[1] if len(arguments) > 1 else "help"
    _set_defaults(is_test=command == "test")
    if configured_url() is not None:
        execute_from_command_line(arguments)
    elif command in COMMANDS_WITHOUT_SERVER or any(option in arguments for option in HELP_OPTIONS):
        os.environ[VARIABLE] = NO_SERVER_URL
        execute_from_command_line(arguments)
    else:
        # Production has neither the need nor the packages for a server of its own.
        from reglab.postgres.development import development_database

        with development_database(Path(__file__).resolve().parent):
            execute_from_command_line(arguments)


def _set_defaults(*, is_test: bool) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "service.settings")
    os.environ.setdefault("TEST_RUNNER", "tests.runner.PytestTestRunner")
    os.environ.setdefault("SERVICE_ENVIRONMENT", "test" if is_test else "development")
    # Elsewhere the service is alone: tests see what `pytest` sees, and production has no harness.
    if os.environ["SERVICE_ENVIRONMENT"] == "development":
        os.environ.setdefault("EXTRA_APPS", "reglab")


if __name__ == "__main__":
    try:
        main(sys.argv)
    except ServerError as error:
        print(f"manage.py: {error}", file=sys.stderr)
        sys.exit(COULD_NOT_RUN)
    except KeyboardInterrupt:
        sys.exit(130)
