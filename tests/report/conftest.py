"""Golden files: compared by default, written anew with --update-golden."""

from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).with_name("golden")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the one way to change a golden file; the change is reviewed like any other."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files of tests/report anew")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a golden file of that name, or write it there."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden", default=False):
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"{path} is missing: pytest tests/report --update-golden"
        assert text == path.read_text(encoding="utf-8"), f"{name} changed: if meant, --update-golden"

    return compare
