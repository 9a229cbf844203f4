"""The wheel: what it holds, what it asks for, and that it knows no project."""

import re
import subprocess
import sys
from email.parser import HeaderParser
from pathlib import Path
from zipfile import ZipFile

import pytest

import reglab
from tests.packaging.conftest import names_in

pytestmark = pytest.mark.once

# Words of the orders service: the package that speaks of them works for nobody else.
FOREIGN_WORDS = re.compile(r"\bsku\b|OrderItem|orders_|/api/orders|\bcustomers?\b|selectors\.py", re.IGNORECASE)
TEXT_SUFFIXES = {".py", ".toml", ".html", ".json", ".sql", ".css", ".js", ".md", ".txt"}
EXTRAS = {"postgres", "timing", "load", "report", "all"}


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    """One top-level package, its data files and its marker for type checkers; nothing of bench, loadtests or tests."""
    with ZipFile(wheel) as archive:
        listing = archive.namelist()
    assert names_in(listing) == {"reglab", f"regression_lab-{reglab.__version__}.dist-info"}
    assert {"reglab/py.typed", "reglab/report/policy.toml", "reglab/report/verdict-1.json"} <= set(listing)
    assert any(name.startswith("reglab/report/renderings/html/templates/") for name in listing)


def test_no_file_of_the_wheel_speaks_of_the_orders_service(wheel: Path) -> None:
    """No name of the orders service stands in code, strings, SQL, TOML or messages of the package."""
    found = []
    with ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.startswith("reglab/") and Path(name).suffix in TEXT_SUFFIXES:
                for number, line in enumerate(archive.read(name).decode().splitlines(), start=1):
                    if word := FOREIGN_WORDS.search(line):
                        found.append(f"{name}:{number}: {word[0]}")
    assert not found, "\n".join(found)


def test_the_metadata_names_licence_extras_and_entry_points(wheel: Path) -> None:
    """A user finds licence, version and extras where installers look for them."""
    with ZipFile(wheel) as archive:
        info = f"regression_lab-{reglab.__version__}.dist-info"
        metadata = HeaderParser().parsestr(archive.read(f"{info}/METADATA").decode())
        entry_points = archive.read(f"{info}/entry_points.txt").decode()
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Version"] == reglab.__version__
    assert set(metadata.get_all("Provides-Extra") or ()) == EXTRAS
    assert "reglab = reglab.cli:main" in entry_points
    assert "reglab = reglab.testing.plugin" in entry_points


@pytest.mark.parametrize("module", ["reglab", "reglab.testing.plugin", "reglab.cli"])
def test_importing_costs_no_django(module: str) -> None:
    """The package, its pytest plugin and its command line are imported without Django."""
    code = f"import sys, {module}; print(sorted(name for name in sys.modules if name.partition('.')[0] == 'django'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_and_version_load_neither_django_nor_the_heavy_libraries() -> None:
    """`reglab --help` and `--version` answer at once: they import no Django, pydantic, SciPy, Locust or matplotlib."""
    code = (
        "import sys\nfrom reglab.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'django', 'pydantic', 'scipy', 'locust', 'matplotlib', 'numpy'}\n"
        "print('loaded:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("loaded: []")
