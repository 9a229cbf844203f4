"""One virtual environment a project: its pinned packages first, the harness after them."""

import csv
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from tools.field.errors import FieldError
from tools.field.places import REPOSITORY
from tools.field.projects import Project

# Written last: an environment without it was cut short.
_STAMP: Final = "lock.sha256"
PYTHON: Final = "3.12"
# The harness brings its audit and, as an extra, a PostgreSQL server: what its documentation tells a user to install.
HARNESS: Final = f"{REPOSITORY}[postgres]"


def environment_of(project: Project, folder: Path) -> Path:
    """Return the `bin` folder of the project's environment, made anew where its lock or its Python changed.

    The environment holds the project alone; `install_harness` adds what is tested. Raises FieldError.
    """
    stamp = folder / _STAMP
    digest = f"{PYTHON} {hashlib.sha256(project.lock.read_bytes()).hexdigest()}"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != digest:
        shutil.rmtree(folder, ignore_errors=True)
        _uv("venv", "--quiet", "--no-python-downloads", "--python", PYTHON, str(folder), of=project)
        _uv("pip", "install", "--quiet", "--require-hashes", *_into(folder), "-r", str(project.lock), of=project)
        _set_aside(project, folder)
        stamp.write_text(digest, encoding="utf-8")
    return folder / "bin"


def own_packages(folder: Path) -> Path:
    """Return where an environment keeps the project's own packages, out of its interpreter's sight."""
    return folder / "own"


def install_harness(project: Project, folder: Path) -> None:
    """Install the checkout's harness beside the project, and hold the project's own packages where they are.

    Raises FieldError where the harness would move one of them.
    """
    before = _versions(folder, of=project)
    _uv("pip", "install", "--quiet", "--reinstall-package", "regression-lab", *_into(folder), HARNESS, of=project)
    after = _versions(folder, of=project)
    moved = [f"{name} {before[name]} → {after.get(name, 'gone')}" for name in before if after.get(name) != before[name]]
    moved = [line for line in moved if not line.startswith("regression-lab ")]
    if moved:
        raise FieldError(f"{project.name}: installing the harness moved the project's packages: {', '.join(moved)}")


def lock(project: Project) -> None:
    """Resolve the project's requirements again into hashed pins. Raises FieldError."""
    source = project.lock.with_suffix(".in")
    options = ["--quiet", "--universal", "--generate-hashes", "--upgrade", "--python-version", PYTHON]
    command = f"python -m tools.field --lock {project.name}"
    _uv(
        "pip",
        "compile",
        *options,
        "--custom-compile-command",
        command,
        "-o",
        str(project.lock),
        str(source),
        of=project,
    )


def _set_aside(project: Project, folder: Path) -> None:
    """Move the project's own packages out of `site-packages`; what the package manager knows of them stays."""
    own_packages(folder).mkdir()
    if not project.unpacked:
        return
    libraries = next((folder / "lib").glob("python*/site-packages"))
    record = libraries / f"{project.unpacked.replace('-', '_')}-{project.version}.dist-info" / "RECORD"
    try:
        rows = list(csv.reader(record.read_text(encoding="utf-8").splitlines()))
    except OSError as error:
        raise FieldError(f"{record}: cannot be read: {error}") from None
    for top in {Path(row[0]).parts[0] for row in rows}:
        if top != ".." and not top.endswith(".dist-info"):
            shutil.move(libraries / top, own_packages(folder) / top)


def _into(folder: Path) -> tuple[str, str]:
    return "--python", str(folder / "bin" / "python")


def _versions(folder: Path, *, of: Project) -> dict[str, str]:
    lines = _uv("pip", "freeze", *_into(folder), of=of).splitlines()
    return {line.partition("==")[0]: line.partition("==")[2] for line in lines if "==" in line}


def _uv(*arguments: str, of: Project) -> str:
    uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    try:
        done = subprocess.run([uv, *arguments], capture_output=True, text=True, check=False, cwd=REPOSITORY)
    except FileNotFoundError:
        raise FieldError("uv is not there: `pip install uv`, or run `tox -e field`, which brings it") from None
    if done.returncode != 0:
        last = " ".join(line.strip() for line in done.stderr.splitlines() if line.strip())
        raise FieldError(f"{of.name}: uv {arguments[0]} {arguments[1]} failed: {last[-600:]}")
    return done.stdout
