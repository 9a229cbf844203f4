"""`manage.py test` runs pytest: Django's command for Django's users, one set of tests."""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reglab.postgres import command_child

VERBOSITY_OPTIONS = {0: ["--quiet"], 1: [], 2: ["-v"], 3: ["-vv"]}


class PytestTestRunner:
    """A Django test runner whose tests are pytest's.

    pytest gets a process of its own: the command has loaded the settings already, and the server that the tests
    use has to be there before them.
    """

    def __init__(self, *, verbosity: int = 1, failfast: bool = False, keepdb: bool = False, **_options: Any) -> None:
        self.options = [
            *VERBOSITY_OPTIONS[verbosity],
            *(["--exitfirst"] if failfast else []),
            *(["--reuse-db"] if keepdb else []),
        ]

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        """Take the options of Django's own runner that pytest has too."""
        parser.add_argument("--failfast", action="store_true", help="stop at the first failure")
        parser.add_argument("--keepdb", action="store_true", help="keep the test database, where DATABASE_URL is set")

    def run_tests(self, test_labels: Sequence[str]) -> int:
        """Run the tests; give pytest's exit code, which is 0 only where tests ran and none failed."""
        paths = [path_of(label) for label in test_labels]
        return command_child.run([sys.executable, "-m", "pytest", *self.options, *paths], environment=os.environ)


def path_of(label: str) -> str:
    """Give pytest's name for a label: `tests.web.test_page.TestPage` is `tests/web/test_page.py::TestPage`."""
    if Path(label.partition("::")[0]).exists():
        return label
    names = label.split(".")
    for count in range(len(names), 0, -1):
        folder = Path(*names[:count])
        module = folder.with_suffix(".py")
        found = module if module.is_file() else folder
        # A folder has modules, and no tests of its own to name.
        if found.exists() and (found == module or count == len(names)):
            return "::".join([str(found), *names[count:]])
    return label
