"""What stops a comparison, and whose fault it is."""

from bench.errors import AuditError


class ComparisonError(AuditError):
    """The comparison cannot run; the message is one sentence with what to do."""


class SideError(Exception):
    """One side cannot go on: its process ended, answered with an error, or did not answer in time."""

    def __init__(self, side: str, problem: str) -> None:
        self.side = side
        self.problem = problem
        super().__init__(f"the {side} {problem}")
