"""Errors that end a command with one sentence and exit code 2, and the two that stay inside an instrument.

Every message names the place, what was found there and what to do next, in words for a terminal.
"""


class RegLabError(Exception):
    """A command could not run: the user, the machine or the project's files have something to mend."""


class ConfigError(RegLabError):
    """A file of the project's configuration cannot be used: `file:line: what is wrong; the nearest valid word`."""


class PolicyError(ConfigError):
    """A policy cannot be applied."""


class SettingsError(RegLabError):
    """The project's settings, or what they name, cannot be loaded."""


class RunError(RegLabError):
    """A run folder cannot be found, read or written."""


class HistoryError(RegLabError):
    """The history of runs cannot be read or written."""


class AuditError(RegLabError):
    """An audit cannot measure: a mistake in a suite, a dataset, a ledger or the settings."""


class ComparisonError(RegLabError):
    """A comparison of two revisions cannot run."""


class ServerError(RegLabError):
    """A PostgreSQL server cannot be started, joined or used."""


class GitError(RegLabError):
    """Git cannot answer: the message holds its own sentence."""


class LoadTestError(RegLabError):
    """A load test cannot run."""


class UnsafeTargetError(LoadTestError):
    """The target has not proven that it is a test target, so nothing was, or will be, sent to it."""


class SideError(Exception):
    """One side of a comparison cannot go on: its process ended, answered with an error, or kept silent too long.

    `is_from_outside`: somebody ended the process, or the machine ran out of memory. It says nothing of the side's code.
    """

    def __init__(self, side: str, problem: str, *, is_from_outside: bool = False) -> None:
        self.side = side
        self.is_from_outside = is_from_outside
        self.problem = problem
        super().__init__(f"the {side} {problem}")
