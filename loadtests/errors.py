"""What stops a load test before or during its run, each with one clear line."""


class LoadTestError(Exception):
    """The load test cannot run: the user's mistake or the machine's. The message says what to do."""


class UnsafeTargetError(LoadTestError):
    """The target has not proven that it is a test target, so nothing was, or will be, sent to it."""
