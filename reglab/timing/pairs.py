"""One pair: a fresh process a side, the same requests interleaved, one time a side and scenario."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from statistics import median
from typing import Any, Final

from reglab.errors import SideError
from reglab.timing.precheck import Built, Copy
from reglab.timing.schedule import interleaved, requests_in_round, shuffled
from reglab.timing.variants import Chances, Launcher, Side
from reglab.timing.workers.worker_handle import SideProcess

# Executions of each scenario before a pair: on any core, then on the measured one.
WARM_UPS: Final = 4
SETTLING: Final = 1
# Requests a side that tell how long one takes, before the first round.
_PROBES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The requests of one side for one scenario in one pair, in seconds: on the clock and on the processor."""

    wall_seconds: tuple[float, ...]
    cpu_seconds: tuple[float, ...]

    @property
    def wall_seconds_median(self) -> float:
        """The one number that the round yields."""
        return median(self.wall_seconds)

    @property
    def cpu_seconds_median(self) -> float:
        """The same on the processor."""
        return median(self.cpu_seconds)


# By scenario, then by side.
Pair = Mapping[str, Mapping[str, Round]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """Fresh processes by side, each with copies of its databases, asked to load, to connect and to warm up."""

    processes: Mapping[str, SideProcess]
    copies: Mapping[str, Copy]


@dataclass(frozen=True, slots=True, kw_only=True)
class PairBench:
    """Takes pairs. `built` are each side's databases, by the side's name.

    `requests` are the requests in a round by scenario, on which the first pair decides.
    """

    sides: Sequence[Side]
    launcher: Launcher
    built: Mapping[str, Built]
    chance: Random
    requests: dict[str, int]
    _next: list[_Ready] = field(default_factory=list, init=False)

    def take(self, number: int, scenarios: Sequence[str], *, say: Callable[[str], None]) -> Pair:
        """Take one pair of these scenarios. Raises SideError where a side could not answer as declared."""
        ready = self._next.pop() if self._next else self._prepared(number, scenarios, beside_measurement=False)
        try:
            self._settle(ready.processes)
            # To get ready takes longer than to measure: the next pair does it meanwhile, off the measured core.
            self._next.append(self._prepared(number + 1, scenarios, beside_measurement=True))
            return {
                scenario: self._rounds(scenario, ready.processes, say=say)
                for scenario in shuffled(scenarios, chance=self.chance)
            }
        finally:
            for process in ready.processes.values():
                process.close()
            for following in self._next:
                self.launcher.set_free(following.processes.values())
            self._drop(ready)

    def close(self) -> None:
        """End the processes of a pair that nobody took."""
        while self._next:
            ready = self._next.pop()
            for process in ready.processes.values():
                process.kill()
            self._drop(ready)

    def _prepared(self, number: int, scenarios: Sequence[str], *, beside_measurement: bool) -> _Ready:
        """Start a fresh process a side, in random order, on databases of this pair's own: no dead rows of another's."""
        copies = {side.name: self.built[side.name].copy(f"{side.name}{number}") for side in self.sides}
        chances = Chances.drawn(self.chance)
        with ExitStack() as unfinished:
            processes: dict[str, SideProcess] = {}
            for side in shuffled(self.sides, chance=self.chance):
                process = processes[side.name] = self.launcher.start(
                    side, is_measured=True, chances=chances, beside_measurement=beside_measurement
                )
                unfinished.callback(process.kill)
                connect(process, copies[side.name], self.built[side.name].requests(scenarios))
                process.send("warm_up", times=WARM_UPS)
            unfinished.pop_all()
        return _Ready(processes=processes, copies=copies)

    def _settle(self, processes: Mapping[str, SideProcess]) -> None:
        """Wait until all are warm, then send them where they are measured."""
        for process in processes.values():
            process.answer()  # loaded
            process.answer()  # connected
            _expect_no_complaint(process, process.answer())
        for process in processes.values():
            process.send("settle", place=self.launcher.place, times=SETTLING)
        for process in processes.values():
            _expect_no_complaint(process, process.answer())

    def _drop(self, ready: _Ready) -> None:
        for name, copy in ready.copies.items():
            self.built[name].drop(copy)

    def _rounds(
        self, scenario: str, processes: Mapping[str, SideProcess], *, say: Callable[[str], None]
    ) -> dict[str, Round]:
        say(scenario)
        if scenario not in self.requests:
            probes = [_timed(process, scenario)[0] for process in processes.values() for _ in range(_PROBES)]
            self.requests[scenario] = requests_in_round(median(probes) / 1e9)
        times: dict[str, list[tuple[int, int]]] = {name: [] for name in processes}
        for name in interleaved(list(processes), requests=self.requests[scenario], chance=self.chance):
            times[name].append(_timed(processes[name], scenario))
        return {
            name: Round(
                wall_seconds=tuple(wall / 1e9 for wall, _ in measured),
                cpu_seconds=tuple(cpu / 1e9 for _, cpu in measured),
            )
            for name, measured in times.items()
        }


def connect(process: SideProcess, copy: Copy, requests: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Have a process that loads use a copy of its side's databases, and know its requests by scenario."""
    process.send("connect", names=dict(copy.names), cookies=dict(copy.cookies), requests=requests)


def _expect_no_complaint(process: SideProcess, complaint: str) -> None:
    if complaint:
        raise SideError(process.side, f"did not answer as declared: {complaint}")


def _timed(process: SideProcess, scenario: str) -> tuple[int, int]:
    """Have a side execute a scenario once; give nanoseconds on the clock and on the processor. Raises SideError."""
    wall_ns, cpu_ns, complaint = process.ask("time", scenario=scenario)
    if complaint:
        raise SideError(process.side, f"did not answer as declared: {scenario}: {complaint}")
    return wall_ns, cpu_ns
