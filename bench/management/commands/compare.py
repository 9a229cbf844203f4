"""Revision against revision, as a command of Django's."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from bench.paired import arguments, commandline


class Command(BaseCommand):
    """Time a baseline and a candidate in pairs until each scenario is decided; the exit code is the verdict's."""

    help = "Prove that the work tree (or a revision) is slower than BASE, or that it is not."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the comparison's options."""
        arguments.add_compare_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare on the settings that Django has loaded."""
        sys.exit(commandline.run(argparse.Namespace(**options)))
