"""The first bad commit, as a command of Django's."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand

from bench.paired import arguments, bisection_commandline


class Command(BaseCommand):
    """Find the commit that made a scenario worse: by exact counters, by pairs only where these agree."""

    help = "Find the first commit after GOOD, up to BAD, at which a scenario does more work or takes more time."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the bisection's options."""
        arguments.add_bisect_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Bisect on the settings that Django has loaded."""
        sys.exit(bisection_commandline.run(argparse.Namespace(**options)))
