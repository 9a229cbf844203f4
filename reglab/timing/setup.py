"""Set-up of a comparison: both subjects on disk, the server, the launcher; gone afterwards."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Final

from reglab.config.suite import SuiteFile
from reglab.own_folders import own_folder
from reglab.report.records import Remark, RemarkKind
from reglab.report.rules.paired import PairedRule
from reglab.timing.checkouts import Revisions, exported
from reglab.timing.comparison import Comparer, Comparison
from reglab.timing.prerequisites import chosen_scenarios, database_server, sizes_of
from reglab.timing.progress import Progress
from reglab.timing.repository import Repository
from reglab.timing.variants import Launcher, Side, link_harness, this_python
from reglab.timing.workers.cpu_affinity import chosen_cores, kept_off

# What every comparison of this checkout compiles anew otherwise: the harness, Django, and what else is installed.
_KEPT: Final = Path("var/paired")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """A comparison that is ready to run, and how records call its database."""

    comparer: Comparer
    database: str


@contextmanager
def launcher_for(file: SuiteFile, temporary: Path) -> Iterator[tuple[Launcher, str]]:
    """Start the database server, and give what starts the sides' processes on it, and the database's description.

    `temporary` holds the exported subjects, whose bytecode goes with them.
    """
    cores, kept = chosen_cores(), _kept_folder(temporary)
    with kept_off(cores), database_server(cores) as (url, database), _forgotten(temporary, kept / "bytecode"):
        yield (
            Launcher(
                suite=file.path,
                clock=file.suite.clock,
                checkout=Path.cwd(),
                subject_paths=file.suite.compare.subject,
                harness=link_harness(kept / "harness"),
                bytecode=kept / "bytecode",
                database_url=url,
                cores=cores,
            ),
            database,
        )


def _kept_folder(temporary: Path) -> Path:
    """Return the folder whose files the next comparison uses again; in a read-only checkout, one for this time."""
    kept = _KEPT.resolve()
    try:
        kept.mkdir(parents=True, exist_ok=True)
    except OSError:
        return temporary / "paired"
    return kept if os.access(kept, os.W_OK) else temporary / "paired"


@contextmanager
def _forgotten(folder: Path, bytecode: Path) -> Iterator[None]:
    """Throw away in the end what was compiled of a folder that goes away itself."""
    try:
        yield
    finally:
        shutil.rmtree(bytecode / folder.resolve().relative_to(folder.resolve().anchor), ignore_errors=True)


@contextmanager
def arranged(
    *,
    file: SuiteFile,
    rule: PairedRule,
    repository: Repository,
    revisions: Revisions,
    scenarios: Sequence[str],
    seed: int,
    baseline_python: str | None = None,
    touched: frozenset[str] = frozenset(),
    explained: Mapping[str, str] = MappingProxyType({}),
    alter: Callable[[list[Side]], None] = lambda _: None,
) -> Iterator[Arrangement]:
    """Export both subjects, start the database server, and give the comparison.

    `scenarios` are names or globs, none for the suite's own choice; `touched` those that the change alone has chosen;
    `explained` those whose difference it declares; `alter` may change the exported files.
    """
    with ExitStack() as stack:
        temporary, _ = stack.enter_context(own_folder("compare"))
        sides, notes = exported(
            repository,
            revisions,
            folder=temporary,
            baseline_python=baseline_python or this_python(),
            python=this_python(),
        )
        alter(sides)
        chosen = chosen_scenarios(file, scenarios)
        launcher, database = stack.enter_context(launcher_for(file, temporary))
        comparer = Comparer(
            sides=sides,
            scenarios=chosen,
            sizes=sizes_of(file),
            launcher=launcher,
            rule=rule,
            chance=Random(seed),  # noqa: S311  # an order, not a secret
            progress=Progress(),
            found=Comparison(remarks=[Remark(kind=RemarkKind.NOTE, text=note) for note in notes]),
            touched=touched,
            explained=explained,
        )
        yield Arrangement(comparer=comparer, database=database)
