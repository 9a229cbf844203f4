#!/usr/bin/env python
"""Django's commands for the orders service and for the harness, with a development database when there is none."""

import os
import sys
from typing import NoReturn

COULD_NOT_RUN = 2
PYTHON_MIN = (3, 11)
# They need no database, or start one of their own.
HARNESS_COMMANDS = (
    "init",
    "gate",
    "audit",
    "race",
    "probe",
    "benchmark",
    "compare",
    "bisect",
    "load",
    "ledger",
    "report",
)
COMMANDS_WITHOUT_SERVER = ("help", "version", "test", *HARNESS_COMMANDS)
HELP_OPTIONS = ("-h", "--help", "--version")


def main(arguments: list[str]) -> None:
    """Run one command; DATABASE_URL decides on which database."""
    if sys.version_info < PYTHON_MIN:
        complain("Python 3.11 or later is needed, this one is older")
    try:
        import django  # noqa: F401  # asked here, for a sentence in place of a traceback
    except ModuleNotFoundError as missing:
        complain(
            f"the package {missing.name} is missing: `pip install --require-hashes -r requirements/gate-django52.txt` "
            "in this project's virtual environment"
        )
    command = arguments[1] if len(arguments) > 1 else "help"
    _set_defaults(is_test=command == "test")
    if os.environ.get("DATABASE_URL"):
        # Production has neither the need nor the packages for a server of its own.
        _execute(arguments)
    else:
        _execute_without_url(command, arguments)


def complain(problem: str) -> NoReturn:
    """Print one line and end: exit 1 is for a bad change alone."""
    sys.stderr.write(f"manage.py: {problem}\n")
    sys.exit(COULD_NOT_RUN)


def _execute_without_url(command: str, arguments: list[str]) -> None:
    from pathlib import Path

    from reglab.errors import ServerError
    from reglab.postgres.database_url import NO_SERVER_URL, VARIABLE
    from reglab.postgres.development import development_database

    if command in COMMANDS_WITHOUT_SERVER or any(option in arguments for option in HELP_OPTIONS):
        os.environ[VARIABLE] = NO_SERVER_URL
        _execute(arguments)
        return
    try:
        with development_database(Path(__file__).resolve().parent):
            _execute(arguments)
    except ServerError as error:
        complain(str(error))


def _execute(arguments: list[str]) -> None:
    from django.core.management import execute_from_command_line

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
    except KeyboardInterrupt:
        sys.exit(130)
