"""Facts of a run that outlive it: which rows are its own and where, so that they can be removed later."""

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from reglab.errors import LoadTestError

FILE: Final = "run.json"
# The folder, in a run's folder, of everything but the record.
FILES: Final = "load"


LOCK: Final = "run.lock"
# As reglab.load.writes.preparation makes it. Any content holds an empty id.
RUN_ID: Final = re.compile(r"load[0-9a-f]{10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """A run's id, which all of its rows carry, and the origin and the place (the database) that they went to."""

    run: str
    origin: str
    place: str

    def __post_init__(self) -> None:
        """Refuse what no run wrote: an id that any row carries, a place that is none."""
        texts = (self.run, self.origin, self.place)
        if not all(isinstance(text, str) and text for text in texts) or not RUN_ID.fullmatch(self.run):
            raise ValueError("it is not what a load test wrote")


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a run's folder while its rows are written or removed: `load clean` waits for nobody, and refuses."""
    with _locked(folder, fcntl.LOCK_SH):
        yield


@contextmanager
def held_alone(folder: Path) -> Iterator[None]:
    """Hold a run's folder where nobody else does. Raises LoadTestError where the run is under way."""
    try:
        with _locked(folder, fcntl.LOCK_EX | fcntl.LOCK_NB):
            yield
    except BlockingIOError:
        raise LoadTestError(
            f"{folder}: its load test is under way, or another `load clean` is; wait for its end"
        ) from None


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, how)
        yield
    finally:
        os.close(descriptor)


def save_run_facts(folder: Path, *, origin: str, place: str, run: str) -> None:
    """Write the facts before the first row is."""
    facts = RunFacts(run=run, origin=origin, place=place)
    (folder / FILE).write_text(json.dumps(asdict(facts), indent=1), encoding="utf-8")


def read_run_facts(folder: Path) -> RunFacts:
    """Read the facts of a run. Raises LoadTestError where the folder is not a load test's."""
    try:
        return RunFacts(**json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise LoadTestError(
            f"{folder / FILE}: says not which rows a load test has written ({type(error).__name__}); name the run "
            "folder of a load test"
        ) from None


def is_used(folder: Path) -> bool:
    """Whether a run has been concluded, or has left its ledgers of a load, in this folder."""
    return any(path.name != "ledger-0-preparation.jsonl" for path in folder.glob("ledger-*.jsonl"))


def clean_command(folder: Path) -> str:
    """Return the command that removes later what a run has left behind."""
    return f"reglab load clean {folder.parent if folder.name == FILES else folder}"
