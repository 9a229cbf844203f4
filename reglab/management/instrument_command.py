"""Base of the commands of manage.py: the same parsers and runners as `reglab COMMAND`, on Django's own streams."""

import argparse
import sys
from typing import Any, ClassVar, cast

from django.core.management.base import BaseCommand, CommandParser

from reglab.commands import CommandContext, command_called
from reglab.config.project import read_project
from reglab.console import Console
from reglab.last_handler import exit_code_of


class InstrumentCommand(BaseCommand):
    """A command of Regression Lab as Django's users run it; the exit code is the verdict's (0, 1, 2, 3)."""

    name: ClassVar[str]
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Describe the command in the words of the other entrance."""
        self.help = command_called(self.name).help
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's options."""
        command_called(self.name).add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  # Django decides what handle() is called with
        """Run the command on the settings that Django has loaded; exit with its code unless that is 0."""
        out, err = cast("Any", self.stdout), cast("Any", self.stderr)
        console = Console.around(
            out._out,  # noqa: SLF001  # the stream below Django's own ending of lines
            err._out,  # noqa: SLF001
            has_colour=False if options.get("no_color") else None,
        ).adjusted(is_quiet=options.get("verbosity") == 0, is_verbose=(options.get("verbosity") or 1) > 1)

        def run() -> int:
            context = CommandContext(console=console, project=read_project(), program="python manage.py")
            return command_called(self.name).run(argparse.Namespace(**options), context)

        if code := exit_code_of(self.name, run, console):
            sys.exit(code)
