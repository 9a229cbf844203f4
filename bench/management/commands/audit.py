"""The work audit as a command of Django's."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from bench import commandline


class Command(BaseCommand):
    """Count the work of every endpoint and hold it against the ledger; the exit code is the verdict's (0, 1, 2, 3)."""

    help = "Count the work of every endpoint, at two sizes and more, and hold it against the ledger."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the audit's options."""
        commandline.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the audit on the settings that Django has loaded."""
        sys.exit(commandline.run(argparse.Namespace(**options)))
