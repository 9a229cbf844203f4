"""One virtual environment a peer, made once from its hashed lock and made again when the lock changes."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from tools.scoreboard.errors import ScoreboardError
from tools.scoreboard.places import ENVIRONMENTS, REQUIREMENTS

# Written last: an environment without it was cut short.
_STAMP = "lock.sha256"


def python_of(peer: str) -> Path:
    """Return the interpreter of a peer's environment; make the environment first where it is missing or outdated.

    Raises ScoreboardError with pip's last line where the peer cannot be installed.
    """
    lock = lock_of(peer)
    folder = ENVIRONMENTS / peer
    python = folder / "bin" / "python"
    digest = f"{sys.version_info.major}.{sys.version_info.minor} {hashlib.sha256(lock.read_bytes()).hexdigest()}"
    stamp = folder / _STAMP
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != digest:
        shutil.rmtree(folder, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(folder)], peer=peer)
        options = ["--quiet", "--disable-pip-version-check", "--require-hashes"]
        _run([str(python), "-m", "pip", "install", *options, "-r", str(lock)], peer=peer)
        stamp.write_text(digest, encoding="utf-8")
    return python


def lock_of(peer: str) -> Path:
    """Return the hashed lock file of a peer."""
    return REQUIREMENTS / f"{peer}.txt"


def locked_version(peer: str, distribution: str) -> str:
    """Return the version that the lock pins a distribution to. Raises ScoreboardError where it pins none."""
    for line in lock_of(peer).read_text(encoding="utf-8").splitlines():
        name, separator, rest = line.partition("==")
        if separator and name == distribution:
            return rest.split()[0]
    raise ScoreboardError(f"{lock_of(peer).name} pins no {distribution}: run `tox -e lock`")


def _run(command: list[str], *, peer: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise ScoreboardError(f"{peer} cannot be installed: {lines[-1] if lines else done.returncode}")
