"""Rounds of the campaign: SIGKILL to a random process of a command, and the promises that must hold then."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

import psutil

from reglab.own_folders import own_folder
from tools.kills.projects import Projects

COMMANDS: Final = {
    "audit": ("audit",),
    "race": ("race",),
    "compare": ("compare", "HEAD"),
    "load": ("load", "smoke"),
    "gate": ("gate",),
}
_END_SECONDS_MAX: Final = 900.0
_GONE_SECONDS_MAX: Final = 60.0
_BAD_CHANGE: Final = 1
# The victim of a round whose command had ended before its moment came.
NOTHING: Final = "nothing"
# initdb starts one to learn how much memory there is: where it ends early, a smaller one is tried.
_TRIAL: Final = "postgres --check"
_PASSED: Final = re.compile(r"^PASS: .*?(\d+) pass", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A command, the process of it that was killed and when, how the command ended, and what is wrong with that."""

    command: str
    seed: int
    victim: str
    seconds: float
    exit_code: int
    broken: str = ""

    @classmethod
    def of_line(cls, line: dict[str, Any]) -> "Round":
        """Read a round of the record."""
        return cls(**line)

    def line(self) -> dict[str, Any]:
        """Return the round for the record."""
        return asdict(self)

    @property
    def sentence(self) -> str:
        """The round in one line."""
        how = f"{self.command} #{self.seed}: {self.victim} killed after {self.seconds:.1f} s, exit {self.exit_code}"
        return f"{how}: {self.broken}" if self.broken else how


@dataclass(frozen=True, slots=True, kw_only=True)
class Undisturbed:
    """A command that nobody killed: how long it took, in seconds, and how many checks passed."""

    seconds: float
    passed: int


def undisturbed(name: str, projects: Projects) -> Undisturbed:
    """Run a command to its end. Raises OSError where it does not pass."""
    place = projects.folder / f"undisturbed-{name}"
    place.mkdir()
    started = time.monotonic()
    with _running(name, projects, place=place) as process:
        exit_code = _end_of(process)
    text = _text(place)
    passed = _PASSED.search(text)
    if exit_code != 0 or passed is None:
        raise OSError(f"{name} ends with {exit_code} although nobody killed it: {text[-600:]}")
    shutil.rmtree(place, ignore_errors=True)
    return Undisturbed(seconds=time.monotonic() - started, passed=int(passed[1]))


def play(name: str, projects: Projects, *, seed: int, whole: Undisturbed) -> Round:
    """Play one round, with the moment and the victim that the seed draws."""
    chance = Random(seed)  # noqa: S311  # an order, not a secret
    place = projects.folder / f"round-{seed}"
    place.mkdir()
    with _running(name, projects, place=place) as process:
        victim, seconds, seen = _kill(process, chance, seconds_max=whole.seconds)
        exit_code = _end_of(process)
    broken = broken_promise(exit_code, victim, _text(place), whole=whole) or _left(seen, place)
    if not broken:
        shutil.rmtree(place, ignore_errors=True)
    return Round(command=name, seed=seed, victim=victim, seconds=seconds, exit_code=exit_code, broken=broken)


@contextmanager
def _running(name: str, projects: Projects, *, place: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command whose run, temporary folders and output are in `place`."""
    folder, variables = projects.load() if name == "load" else (projects.kiosk, {})
    with (place / "output").open("wb") as output:
        yield subprocess.Popen(
            [sys.executable, "-m", "reglab", *COMMANDS[name], "--run", str(place / "run")],
            cwd=folder,
            env={**projects.environment, **variables, "TMPDIR": str(place), "REGLAB_CACHE": "off"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _text(place: Path) -> str:
    return (place / "output").read_text(encoding="utf-8", errors="replace")


def _kill(
    process: subprocess.Popen[bytes], chance: Random, *, seconds_max: float
) -> tuple[str, float, list[psutil.Process]]:
    """Kill a random descendant at a random moment; return its name, the moment, and every process that was seen."""
    started = time.monotonic()
    moment = started + chance.uniform(0.0, seconds_max)
    seen: dict[int, psutil.Process] = {}
    while process.poll() is None:
        present = list(_descendants(process.pid))
        seen.update({each.pid: each for each in present})
        # One that has ended already, and is not reaped yet, cannot be killed: the round would meet nothing.
        alive = [each for each in present if _is_alive(each)]
        if alive and time.monotonic() >= moment:
            victim = chance.choice(alive)
            with suppress(psutil.Error, OSError):
                name = _named(victim)
                os.kill(victim.pid, signal.SIGKILL)
                return name, time.monotonic() - started, list({**seen, **_seen_now(process.pid)}.values())
        time.sleep(0.05)
    return NOTHING, time.monotonic() - started, list(seen.values())


def _seen_now(pid: int) -> dict[int, psutil.Process]:
    return {each.pid: each for each in _descendants(pid)}


def _descendants(pid: int) -> Iterator[psutil.Process]:
    with suppress(psutil.Error):
        yield from psutil.Process(pid).children(recursive=True)


def _named(process: psutil.Process) -> str:
    words = process.cmdline()
    if words and words[0].endswith("postgres"):
        # With what it was started for, if it is none that stays: initdb's --check, --boot and --single.
        return " ".join(["postgres", *(word for word in words[1:2] if word.startswith("--"))])
    if words and words[0].startswith("postgres:"):
        return " ".join(words[0].split()[:3])
    if not words:
        # It ended in between.
        raise psutil.ZombieProcess(process.pid)
    return " ".join([Path(words[0]).name, *(word for word in words[1:] if not word.startswith(("/", "-")))][:4])


def _end_of(process: subprocess.Popen[bytes]) -> int:
    try:
        return process.wait(_END_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return -signal.SIGALRM


def broken_promise(exit_code: int, victim: str, text: str, *, whole: Undisturbed) -> str:
    """Say what a command must not have done when one of its processes was killed; empty where all is well."""
    if exit_code == -signal.SIGALRM:
        return f"did not end within {_END_SECONDS_MAX:.0f} s"
    if exit_code == _BAD_CHANGE:
        return f"exit 1, which says that the change is bad: {text[-600:]}"
    if exit_code == 0 and victim.startswith("postgres") and victim != _TRIAL:
        return f"a pass, although a process of the database was killed: {text[-300:]}"
    passed = _PASSED.search(text)
    if exit_code == 0 and (passed is None or int(passed[1]) < whole.passed):
        return f"a pass with fewer checks than the {whole.passed} of a run that nobody killed: {text[-300:]}"
    if "Traceback (most recent call last)" in text:
        return f"a traceback for the user: {text[-600:]}"
    return ""


def _left(seen: list[psutil.Process], place: Path) -> str:
    """Say what is left of the command: a process of it, or a folder that the next command does not sweep."""
    deadline = time.monotonic() + _GONE_SECONDS_MAX
    while alive := [each for each in seen if _is_alive(each)]:
        if time.monotonic() > deadline:
            return f"a process is left: {', '.join(f'{each.pid} {each.name()}' for each in alive)}"
        time.sleep(0.2)
    with own_folder("draft", place=place):
        pass
    folders = [path.name for path in place.iterdir() if path.name.startswith(("regression-lab-", ".regression-lab-"))]
    return f"a folder is left: {', '.join(folders)}" if folders else ""


def _is_alive(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
