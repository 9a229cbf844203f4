"""Ends of a release other than success, each with its exit code."""


class ReleaseEnded(Exception):  # noqa: N818
    """The release did not go through; the message is one sentence."""

    exit_code: int


class ChangeRefused(ReleaseEnded):
    """The change itself is bad: its migration, its start, its answers or its alarms."""

    exit_code = 1


class CouldNotRun(ReleaseEnded):
    """Something outside of the change stands in the way: place, what was expected, what to do."""

    exit_code = 2


class Inconclusive(ReleaseEnded):
    """Neither good nor bad within the time: it was rolled back, where something had been changed."""

    exit_code = 3
