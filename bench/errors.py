"""What stops an audit before it measures: a mistake that the user can mend, said in one line."""


class AuditError(Exception):
    """The audit cannot run; the message names the place, what is wrong there and what to do."""
