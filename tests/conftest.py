"""Ground that every test stands on, whoever started the run."""

import signal


def pytest_configure() -> None:
    """Let Ctrl-C reach the commands that tests start, also where the run itself was started in the background.

    A shell without job control starts background jobs with SIGINT ignored, every child inherits that, and Python then
    installs no handler. A handler, unlike "ignored", does not outlive exec: the children start with the default.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
