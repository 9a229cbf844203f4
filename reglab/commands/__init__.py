"""Every command of Regression Lab, one module each: its name, its options, and what runs it.

A module here imports nothing heavy: options must be printable before Django, or anything else, is loaded.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from reglab.config.project import Project
    from reglab.console import Console


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandContext:
    """The place where a command runs: its console, the project's configuration, and the program that the user typed."""

    console: "Console"
    project: "Project"
    program: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command: `module` has add_arguments(parser) and run(options, context); `help` is its one sentence."""

    name: str
    help: str
    needs_settings: bool = True

    @property
    def _module(self) -> Any:
        return import_module(f"reglab.commands.{self.name}")

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the command's own options."""
        add: Callable[[argparse.ArgumentParser], None] = self._module.add_arguments
        add(parser)

    def run(self, options: argparse.Namespace, context: CommandContext) -> int:
        """Run the command and return its exit code."""
        code: int = self._module.run(options, context)
        return code


COMMANDS: Final = (
    Command(name="init", help="Write a first suite and ledger for a project by sending every request once."),
    Command(name="audit", help="Count the work of every endpoint, at two sizes and more, against the ledger."),
    Command(name="race", help="Interleave every two writing requests, and hold them against both serial orders."),
    Command(name="probe", help="Look for what no counter sees: access, injection, atomicity, limits, variants, leaks."),
    Command(name="benchmark", help="Run the project's before/after pairs with pytest-benchmark.", needs_settings=False),
    Command(name="compare", help="Prove that the work tree, or a revision, is slower than BASE, or that it is not."),
    Command(name="bisect", help="Find the first commit at which a scenario does more work or takes more time."),
    Command(name="load", help="Put a service under the load of a profile, and account for every write."),
    Command(name="gate", help="Run every instrument that is configured, then give one verdict.", needs_settings=False),
    Command(name="ledger", help="Merge a file of the ledger, as git's merge driver.", needs_settings=False),
    Command(name="report", help="Judge a run again, show it, compare runs, follow a metric.", needs_settings=False),
    Command(name="schema", help="Print the JSON schema of a kind of file.", needs_settings=False),
    Command(name="postgres", help="Run a command with a throw-away PostgreSQL.", needs_settings=False),
)


def command_called(name: str) -> Command:
    """Return the command of that name."""
    return next(command for command in COMMANDS if command.name == name)
