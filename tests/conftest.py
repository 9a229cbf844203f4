"""Ground that every test stands on, whoever started the run."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from reglab.git.target_branch import targets_of_job

_LONGEST: Final = "tests/week/"


def pytest_configure() -> None:
    """Let Ctrl-C reach the commands that tests start, also in the background, and whatever the width of a console.

    A shell without job control starts background jobs with SIGINT ignored, every child inherits that, and Python then
    installs no handler. A handler, unlike "ignored", does not outlive exec: the children start with the default.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.pop("COLUMNS", None)  # what is read from a pipe is as wide everywhere
    for target in targets_of_job(os.environ):  # the repositories of tests are no pull request of this job
        del os.environ[target.variable]


@pytest.fixture(autouse=True)
def handlers_of_each_test() -> Iterator[None]:
    """Give each test the handlers of signals that a process begins with.

    A command that was interrupted in this process has set its own, which only say that it ends already.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest: one that comes last keeps one worker busy, and lets the others wait.

    It takes no database of the tests: where theirs stand in the order is decided by what they leave in it.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(_LONGEST))


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a user who has set nothing of ours, for child processes."""
    for name in ("DATABASE_URL", "SERVICE_ENVIRONMENT", "DJANGO_SETTINGS_MODULE", "EXTRA_APPS", "TEST_RUNNER"):
        monkeypatch.delenv(name, raising=False)
    for name in [name for name in os.environ if name.startswith(("PYTEST_", "COV_"))]:
        monkeypatch.delenv(name)
    return dict(os.environ)


@pytest.fixture
def reachable_folder() -> Iterator[Path]:
    """A folder that every user id can go into, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="regression-lab-tests-", dir="/tmp"))  # made by mkdtemp
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)
