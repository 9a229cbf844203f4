"""Results so far, a line a run, so that an interrupted evening is not lost."""

import hashlib
import json
import platform
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import django

from tools.planted.catalogue import HERE, NeutralChange, Regression
from tools.planted.copies import PROJECT
from tools.planted.sightings import Sighting

RESULTS: Final = PROJECT / "var" / "planted" / "results.jsonl"
# Whole runs take days, and are committed shard by shard.
PULL_REQUESTS: Final = HERE / "pull_requests.jsonl"
# Whatever decides what an instrument sees: another content of any of these, and everything is run again.
_DECISIVE: Final = ("service", "bench", "loadtests", "reglab", "reports", "pyproject.toml", "manage.py")
_SUFFIXES: Final = {".py", ".toml", ".json", ".html"}
# These judge and tell; what is seen does not depend on them.
_UNSEEN_FIELDS: Final = {"title", "category", "kind", "quick", "line", "missed", "finding"}
Entry = Regression | NeutralChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One run of one entry: what was seen, and how long it took in seconds; `seen_with` names commit and day."""

    key: str
    name: str
    seconds: float
    sighting: Sighting
    seen_with: str = ""


class Results:
    """The file of results, by key; a line that is cut or not ours counts as not run."""

    def __init__(self, path: Path = RESULTS) -> None:
        self._path = path
        self._by_key = {result.key: result for result in _read(path)}

    def of(self, key: str) -> Result | None:
        """Return the latest result under a key."""
        return self._by_key.get(key)

    def latest(self, name: str) -> Result | None:
        """Return the last result of an entry, whatever code it was seen with."""
        return next((one for one in reversed(self._by_key.values()) if one.name == name), None)

    def forget(self, key: str) -> None:
        """Forget what was seen under a key; on disk, the next line for it is what counts."""
        self._by_key.pop(key, None)

    def add(self, result: Result) -> None:
        """Keep a result, on disk before anything else happens."""
        self._by_key[result.key] = result
        self._path.parent.mkdir(parents=True, exist_ok=True)
        values = {"key": result.key, "name": result.name, "seconds": result.seconds, "seen_with": result.seen_with}
        values |= result.sighting.to_json()
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(values) + "\n")


def key_of(entry: Entry, revision: str) -> str:
    """Return what a result of this entry holds for: its name, patch, profile and surroundings, and the tree."""
    patch = entry.patch.read_bytes() if entry.patch else b""
    profile = entry.profile.read_bytes() if isinstance(entry, Regression) and entry.profile else b""
    seen = entry.model_dump_json(exclude=_UNSEEN_FIELDS).encode()
    return hashlib.sha256(b"\0".join([revision.encode(), seen, patch, profile])).hexdigest()


def release_and_commit(root: Path = PROJECT) -> tuple[str, str]:
    """Return the release that whole runs are made for, and the commit and day that one is made with."""
    release = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    told = subprocess.run(
        ["git", "log", "-1", "--format=%h, %cs"], cwd=root, capture_output=True, text=True, check=False
    )
    return f"as a pull request, for {release}", told.stdout.strip()


def tree_revision(root: Path = PROJECT) -> str:
    """Return a digest of all that decides what is seen, work that no commit holds included, and of the interpreter."""
    digest = hashlib.sha256(f"{platform.python_version()} {django.__version__}".encode())
    for path in sorted(_files(root)):
        digest.update(str(path.relative_to(root)).encode() + b"\0")
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def _files(root: Path) -> Iterator[Path]:
    for name in _DECISIVE:
        part = root / name
        yield from [part] if part.is_file() else (path for path in part.rglob("*") if path.suffix in _SUFFIXES)


def _read(path: Path) -> Iterator[Result]:
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            values = json.loads(line)
            key, name, seconds = (values.pop(field) for field in ("key", "name", "seconds"))
            seen_with = values.pop("seen_with", "")
            sighting = Sighting.from_json(values)
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
        if not sighting.complaint:  # what could not run may run the next time
            yield Result(key=key, name=name, seconds=seconds, sighting=sighting, seen_with=seen_with)
