"""Failures of a field test that one sentence explains: its setting up, never what the harness found."""


class FieldError(Exception):
    """A field test could not be set up: the place, what was expected, and what mends it."""
