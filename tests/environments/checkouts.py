"""Git checkouts of every kind, made in a folder."""

import os
import subprocess
from pathlib import Path


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.test", "-c", "protocol.file.allow=always")
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True, env=_environment()
    )
    return done.stdout.strip()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
        "GIT_CONFIG_GLOBAL": os.devnull
    }


def write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def commit(folder: Path, message: str = "A commit") -> str:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")


def _attributes_of_archives(project: Path) -> None:
    write(project / ".gitattributes", "hidden.py export-ignore\nversion.py export-subst\n")
    write(project / "hidden.py", "HIDDEN = 1\n")
    write(project / "version.py", "VERSION = '$Format:%H$'\n")


def _line_ends(project: Path) -> None:
    write(project.parent / ".gitattributes", "*.txt text eol=crlf\n")
    write(project / "lines.txt", "one\ntwo\n")
    commit(project)
    (project / "lines.txt").unlink()
    git(project, "checkout", "--", "lines.txt")
    assert (project / "lines.txt").read_bytes() == b"one\r\ntwo\r\n"


def links(project: Path) -> None:
    write(project.parent.parent / "outside.txt", "outside")
    write(project.parent / "shared.py", "SHARED = 1\n")
    for name, target in {
        "file": "module.py",
        "folder": "inner",
        "up": "../shared.py",
        "outside": "../../outside.txt",
        "full": str(project / "module.py"),
        "nowhere": "missing",
    }.items():
        (project / name).symlink_to(target)
    write(project / "inner" / "__init__.py", "")


def _names(project: Path) -> None:
    for name in ("a name.py", "naïve.py", "new\nline.py", "-dash.py", "'quoted'.py", os.fsdecode(b"latin-\xe4.py")):
        write(project / name, "1\n")
    write(project / "run.sh", "#!/bin/sh\n")
    (project / "run.sh").chmod(0o755)


def submodule(project: Path) -> None:
    library = project.parent.parent / "library"
    library.mkdir()
    git(library, "init", "--quiet")
    write(library / "inner" / "vendored.py", "VENDORED = 1\n")
    commit(library)
    git(project, "submodule", "add", "--quiet", str(library), "vendor")


def _missing_submodule(project: Path) -> None:
    submodule(project)
    commit(project)
    git(project, "submodule", "deinit", "--force", "--quiet", "vendor")


def _sparse(project: Path) -> None:
    write(project / "kept" / "module.py", "1\n")
    commit(project)
    git(project, "config", "core.sparseCheckout", "true")


def _nothing(project: Path) -> None:
    pass


KINDS = (
    _nothing,
    _attributes_of_archives,
    _line_ends,
    links,
    _names,
    submodule,
    _missing_submodule,
    _sparse,
)
