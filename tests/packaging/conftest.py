"""A wheel of the checkout, built once a session, and fresh environments to install it into."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.checkout import copy_checkout


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshEnvironment:
    """A virtual environment with what was asked for, and nothing of this checkout on its path."""

    folder: Path

    @property
    def scripts(self) -> Path:
        """The folder of its programs."""
        return self.folder / "bin"

    def install(self, *what: str) -> None:
        """Install packages or wheels, as a user would."""
        _uv("pip", "install", "--quiet", "--python", str(self.scripts / "python"), *what)

    def frozen(self) -> dict[str, str]:
        """Return the installed packages and their versions."""
        done = _uv("pip", "freeze", "--python", str(self.scripts / "python"))
        return dict(line.split("==", 1) for line in done.stdout.splitlines() if "==" in line)

    def run(self, *command: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment in a folder, with nothing inherited that points at this checkout."""
        path = os.pathsep.join([str(self.scripts), os.environ.get("PATH", "")])
        clean = {"PATH": path, "HOME": os.environ.get("HOME", "/"), "CI": "1", "LANG": "C.UTF-8"}
        return subprocess.run(
            command, cwd=folder, env={**clean, **variables}, capture_output=True, text=True, check=False
        )


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    copy_checkout(source)
    _uv("build", "--quiet", "--wheel", "--out-dir", str(folder / "dist"), str(source))
    (built,) = (folder / "dist").glob("*.whl")
    return built


@pytest.fixture
def fresh_environment(tmp_path: Path) -> Callable[..., FreshEnvironment]:
    """Make a virtual environment and install what is named."""

    def make(*what: str, python: str = sys.executable) -> FreshEnvironment:
        environment = FreshEnvironment(folder=tmp_path / "venv")
        _uv("venv", "--quiet", "--python", python, str(environment.folder))
        if what:
            environment.install(*what)
        return environment

    return make


def _uv(*arguments: str) -> subprocess.CompletedProcess[str]:
    from uv import find_uv_bin

    done = subprocess.run([find_uv_bin(), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def names_in(listing: Sequence[str]) -> set[str]:
    """Return the top-level names of a wheel's files."""
    return {name.split("/", 1)[0] for name in listing}
