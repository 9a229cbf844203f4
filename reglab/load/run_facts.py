"""Facts of a run that outlive it: which rows are its own and where, so that they can be removed later."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from reglab.errors import LoadTestError

FILE: Final = "run.json"
# The folder, in a run's folder, of everything but the record.
FILES: Final = "load"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """A run's id, which all of its rows carry, and the origin that they were written to."""

    run: str
    origin: str


def save_run_facts(folder: Path, *, origin: str, run: str) -> None:
    """Write the facts before the first row is."""
    facts = RunFacts(run=run, origin=origin)
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
