"""A side: a subject's files, the interpreter that runs them, and the processes of both."""

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Final

import reglab
from reglab.postgres.database_url import VARIABLE
from reglab.termination import with_our_end
from reglab.timing.workers.cpu_affinity import Cores, Place
from reglab.timing.workers.worker_handle import SideProcess

BASELINE: Final = "baseline"
CANDIDATE: Final = "candidate"
# The baseline once more, as a third side: where it is "slower" than itself, the machine moved.
SENTINEL: Final = "sentinel"
_PADDING_BYTES_MAX: Final = 4096
# The path as a list: a folder's name may hold what separates entries of PYTHONPATH.
_BEGIN: Final = (
    "import json, runpy, sys; sys.path[:0] = json.loads(sys.argv.pop()); "
    "runpy.run_module('reglab.timing.workers.worker_main', run_name='__main__', alter_sys=True)"
)
HASH_SEED_MAX: Final = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a comparison. `folder` holds its exported subject, `revision` names it for the reader.

    `checkout` is where modules beside the subject come from, such as a dataset hook; None for the present checkout.
    """

    name: str
    revision: str
    folder: Path
    python: str
    checkout: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chances:
    """What varies from pair to pair and is equal within one: the hash seed and the size of the environment."""

    hash_seed: int = 0
    padding_bytes: int = 0

    @classmethod
    def drawn(cls, chance: Random) -> "Chances":
        """Draw them for one pair. Where memory lies (ASLR) differs from process to process without our doing."""
        return cls(hash_seed=chance.randint(1, HASH_SEED_MAX), padding_bytes=chance.randrange(_PADDING_BYTES_MAX))


@dataclass(frozen=True, slots=True, kw_only=True)
class Launcher:
    """Starts the sides' processes: the present harness first on the path, then the side's subject, then the checkout.

    From the checkout come only modules that are not the subject's, such as a dataset hook beside it. `bytecode` is the
    folder where the processes keep what they compile; `database_url` is set where the server is our own.
    """

    suite: Path
    clock: datetime
    checkout: Path
    subject_paths: tuple[str, ...]
    harness: Path
    bytecode: Path
    database_url: str | None
    cores: Cores

    def start(
        self, side: Side, *, is_measured: bool, chances: Chances, beside_measurement: bool = False
    ) -> SideProcess:
        """Start a process of a side and send it what to load; its answer is a description of itself.

        It loads on every core, or on all but the measured one where others are being measured meanwhile.
        """
        process = SideProcess(
            side=side.name,
            command=[side.python, "-P", "-c", _BEGIN, json.dumps(self._path(side))],
            folder=side.folder,
            environment=with_our_end(self._environment(side, chances)),
        )
        process.send(
            "time" if is_measured else "build",
            cores=list(self.cores.others) if beside_measurement else self.cores.all,
            suite=str(self.suite.resolve()),
            clock=self.clock.isoformat(),
            database=self.database_url,
            elsewhere=[str((self.checkout / path).resolve()) for path in self.subject_paths],
        )
        return process

    @property
    def place(self) -> Place:
        """Where a measured process is to go."""
        return self.cores.place(is_server_ours=self.database_url is not None)

    def set_free(self, processes: Iterable[SideProcess]) -> None:
        """Let processes that load beside a measurement use every core, now that it is over."""
        if self.cores.others:
            for process in processes:
                with suppress(OSError):  # it has just ended, which its next answer will tell
                    os.sched_setaffinity(process.pid, self.cores.all)

    def _path(self, side: Side) -> list[str]:
        """Return where the side's modules come from; folders of the checkout that we import from, its own ones."""
        own = [str(folder) for folder in (side.folder / name for name in self._inner_folders()) if folder.is_dir()]
        outer = self._outer_folders() if side.python == sys.executable else ()
        return [str(self.harness), str(side.folder), *own, str(side.checkout or self.checkout), *outer]

    def _outer_folders(self) -> Iterator[str]:
        """Yield the folders of PYTHONPATH outside of the checkout: packages that were installed beside it."""
        checkout = self.checkout.resolve()
        for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep):
            if entry and not Path(entry).resolve().is_relative_to(checkout):
                yield entry

    def _inner_folders(self) -> Iterator[Path]:
        """Yield the folders on our path below the checkout: a `src` of an editable installation, PYTHONPATH's."""
        checkout = self.checkout.resolve()
        for entry in sys.path:
            folder = Path(entry).resolve()
            if entry and folder != checkout and folder.is_relative_to(checkout):
                yield folder.relative_to(checkout)

    def _environment(self, side: Side, chances: Chances) -> Mapping[str, str]:
        path = os.pathsep.join(self._path(side))
        own = {VARIABLE: self.database_url} if self.database_url else {}
        return {
            **os.environ,
            **own,
            "PYTHONPATH": path,  # for processes that the subject starts; a colon in a folder's name breaks it
            "PYTHONHASHSEED": str(chances.hash_seed),
            # Three processes a pair: compiled once, also where the surroundings forbid bytecode (container images do)
            # and where packages were installed without.
            "PYTHONDONTWRITEBYTECODE": "",
            "PYTHONPYCACHEPREFIX": str(self.bytecode),
            "BENCH_PADDING": "x" * chances.padding_bytes,
        }


def link_harness(folder: Path) -> Path:
    """Make a folder that holds the present harness and nothing of the subject beside it.

    It stays, under a name that tells where the harness is: bytecode is kept by path.
    """
    sources = [Path(next(iter(package.__path__))).resolve() for package in (reglab,)]
    harness = folder / hashlib.sha256("\0".join(map(str, sources)).encode()).hexdigest()[:12]
    harness.mkdir(parents=True, exist_ok=True)
    for source in sources:
        with suppress(FileExistsError):
            (harness / source.name).symlink_to(source)
    return harness


@contextmanager
def closing_all(processes: list[SideProcess]) -> Iterator[list[SideProcess]]:
    """Close every process that the list holds in the end."""
    try:
        yield processes
    finally:
        for process in processes:
            process.close()


def this_python() -> str:
    """Return the interpreter that runs the harness."""
    return sys.executable
