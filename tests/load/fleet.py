"""A master and its workers, each with a checkout and folders of its own that no other process can look into."""

import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from reglab.load.generator.progress_file import GeneratorState
from reglab.load.server.child_processes import child, tail_of
from tests.load.conftest import PATIENCE_S, ROOT, Bench, Finished, Stub, wait_until

COPIED: Final = ("loadtests", "reports", "pyproject.toml")
LOCUST: Final = (sys.executable, "-m", "locust", "-f", "loadtests/locustfile.py")


@cache
def _unshare() -> tuple[str, ...]:
    """Return the command that gives a process a view of its own of the file system; none where that is not allowed."""
    for options in (("--mount",), ("--user", "--map-root-user", "--mount")):
        command = ("unshare", *options)
        if (
            shutil.which("unshare")
            and subprocess.run([*command, "true"], check=False, capture_output=True).returncode == 0
        ):
            return command
    return ()


@dataclass(slots=True, kw_only=True)
class Fleet:
    """One run of a fleet against a stub. Started by `start`, which needs the workers' checkouts to be made before."""

    bench: Bench
    stub: Stub
    profile: Path
    count: int
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    stack: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        """Make a checkout for each process."""
        self.bench.stack.enter_context(self.stack)
        for name in self.names:
            home = self.home(name)
            home.mkdir(mode=0o700)
            for copied in COPIED:
                source = ROOT / copied
                if source.is_dir():
                    shutil.copytree(source, home / copied, ignore=shutil.ignore_patterns("__pycache__"))
                else:
                    shutil.copy(source, home / copied)
            (home / "tmp").mkdir()
        shutil.copy(self.profile, self.home("master") / "profile.toml")

    @property
    def names(self) -> list[str]:
        """The names of the processes, the master's first."""
        return ["master", *(f"worker-{number}" for number in range(self.count))]

    def home(self, name: str) -> Path:
        """Return the folder that is a process's own."""
        return self.bench.folder / name

    @property
    def run(self) -> Path:
        """The run's folder, which only the master sees."""
        return self.home("master") / "run"

    def start(self, *options: str) -> None:
        """Start the master on a free port, and the workers."""
        master = [*LOCUST, "--master", "--headless", "--only-summary", "--host", self.stub.origin]
        bound = ["--master-bind-host", "127.0.0.1", "--master-bind-port", "0", "--expect-workers", str(self.count)]
        # Where nothing can be hidden, the folder's name at least leads nowhere in the workers' own checkouts.
        run = str(self.run) if _unshare() else "run"
        self._start("master", [*master, *bound, "--load-profile", "profile.toml", "--load-run", run, *options])
        port = self.run / "master.port"
        wait_until(lambda: port.exists() and port.read_text(encoding="ascii") != "")
        address = ["--master-host", "127.0.0.1", "--master-port", port.read_text(encoding="ascii")]
        for name in self.names[1:]:
            self._start(name, [*LOCUST, "--worker", *address])

    def finished(self, *, seconds: float = PATIENCE_S) -> Finished:
        """Wait for the master's end."""
        status = self.processes[0].wait(seconds)
        return Finished(status=status, output=tail_of(self.log("master"), lines=400), run=self.run)

    def log(self, name: str) -> Path:
        """Return the log of a process."""
        return self.bench.folder / f"{name}.log"

    @property
    def state(self) -> GeneratorState:
        """What the master knows of its workers."""
        state = GeneratorState.load(self.run / "load")
        assert state is not None, tail_of(self.log("master"), lines=100)
        return state

    def ledgers(self, name: str) -> list[Path]:
        """Return the ledgers of a load that lie in a process's own folders."""
        return sorted(path for path in self.home(name).rglob("ledger-*.jsonl") if "preparation" not in path.name)

    def _start(self, name: str, command: Sequence[str]) -> None:
        variables = self.bench.environment(self.stub.origin)
        environment = {key: value for key, value in variables.items() if key.startswith("LOADTEST")}
        environment |= {"TMPDIR": str(self.home(name) / "tmp"), "PYTHONPATH": str(ROOT), "CI": "1"}
        process = self.stack.enter_context(
            child(self._alone(name, command), log=self.log(name), environment=environment, folder=self.home(name))
        )
        self.processes.append(process)

    def _alone(self, name: str, command: Sequence[str]) -> list[str]:
        """Return the command in a view of the file system in which the others' folders are empty."""
        if not _unshare():
            return list(command)
        hidden = [f"mount -t tmpfs none {shlex.quote(str(self.home(other)))}" for other in self.names if other != name]
        return [*_unshare(), "sh", "-c", " && ".join([*hidden, f"exec {shlex.join(command)}"])]
