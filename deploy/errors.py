"""The one error of `deploy` that a user can do something about."""


class DeployError(Exception):
    """Could not run: one sentence with the place, what was expected, and the fix."""
