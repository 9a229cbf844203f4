"""The race audit as a command of Django's."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from bench.race import arguments, commandline


class Command(BaseCommand):
    """Interleave every two writing requests on the same rows; the exit code is the verdict's (0, 1, 2, 3)."""

    help = "Interleave every two writing requests on the same rows, and hold the result against both serial orders."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the race audit's options."""
        arguments.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the races on the settings that Django has loaded."""
        sys.exit(commandline.run(argparse.Namespace(**options)))
