"""The folder of a field project: its code as its developers have it, and the settings written for the field test."""

import shutil
import subprocess
from pathlib import Path

from tools.field.environments import own_packages
from tools.field.errors import FieldError
from tools.field.projects import Planted, Project


def make_site(project: Project, folder: Path, *, bin_folder: Path) -> None:
    """Make the project's folder anew: its template or its own packages, then the files of the field test.

    Code in `site-packages` is nobody's own code: the packages of the project itself are copied into the folder, where a
    checkout has them. Raises FieldError.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if project.start:
        _start(project, folder, bin_folder=bin_folder)
    if project.unpacked:
        shutil.copytree(own_packages(bin_folder.parent), folder, dirs_exist_ok=True)
    shutil.copytree(project.files, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))


def plant(planted: Planted, folder: Path) -> str:
    """Put the N+1 into the project's code; return the place that a finding has to name, `file:line`.

    Raises FieldError where the code is not the code that the edit was written for.
    """
    file = folder / planted.file
    text = file.read_text(encoding="utf-8")
    for edit in planted.edits:
        if text.count(edit.find) != 1:
            raise FieldError(f"{file}: {text.count(edit.find)} places read {edit.find!r}, expected one")
        text = text.replace(edit.find, edit.replace)
    file.write_text(text, encoding="utf-8")
    lines = (folder / planted.at).read_text(encoding="utf-8").splitlines()
    if lines.count(planted.line) != 1:
        raise FieldError(
            f"{folder / planted.at}: {lines.count(planted.line)} lines read {planted.line!r}, expected one"
        )
    return f"{planted.at}:{lines.index(planted.line) + 1}"


def _start(project: Project, folder: Path, *, bin_folder: Path) -> None:
    program, *arguments = project.start
    done = subprocess.run(
        [str(bin_folder / program), *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise FieldError(f"{project.name}: {' '.join(project.start)} failed: {(done.stderr or done.stdout)[-600:]}")
