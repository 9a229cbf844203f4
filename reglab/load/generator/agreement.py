"""Agreement of a fleet: a worker sends only where its code, profile, key and clock are the master's."""

import hashlib
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from time import time
from typing import Any, Final

import reglab.load
from reglab import __version__
from reglab.load.target.proof import signature

CLOCK_SECONDS_MAX: Final = 5.0
NAMES: Final = {
    "version": "version of regression-lab",
    "engine": "code of reglab/load",
    "module": "load module",
    "key": "LOADTEST_KEY",
}


def agreement(*, module: str, key: str, run: str) -> dict[str, Any]:
    """Return digests of what every process of a run must share. The key itself is in none of them."""
    return {
        "version": __version__,
        "engine": _digest_of(_sources(Path(reglab.load.__file__).parent)),
        "module": _digest_of(_module_sources(module)),
        "key": signature(key, "regression-lab-fleet", run)[:16],
        "clock": time(),
    }


def disagreement(*, master: dict[str, Any], mine: dict[str, Any]) -> str:
    """Say in which way this process is not the master's, nothing where it is."""
    for name, said in NAMES.items():
        if master.get(name) != mine[name]:
            return f"its {said} is not the master's ({mine[name]}, the master has {master.get(name)})"
    if abs(apart := mine["clock"] - master["clock"]) > CLOCK_SECONDS_MAX:
        return f"its clock is {apart:+.1f} s from the master's, at most {CLOCK_SECONDS_MAX:g} s are allowed"
    return ""


def _sources(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*.py")))


def _module_sources(module: str) -> Iterator[Path]:
    """Give the files of the load module, and of its package where it has one of its own."""
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return iter(())
    file = Path(spec.origin)
    return _sources(file.parent) if "." in module else iter((file,))


def _digest_of(paths: Iterator[Path]) -> str:
    digest = hashlib.blake2b(digest_size=6)
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
