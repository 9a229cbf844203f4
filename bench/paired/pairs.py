"""One pair: a fresh process a side, the same requests interleaved, one time a side and scenario."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from random import Random
from statistics import median
from typing import Final

from bench.paired.errors import SideError
from bench.paired.examination import Built
from bench.paired.process import SideProcess
from bench.paired.schedule import interleaved, requests_in_round, shuffled
from bench.paired.sides import Chances, Launcher, Side

WARM_UPS: Final = 4
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
class PairBench:
    """Takes pairs. `built` are each side's databases, by the side's name.

    `requests` are the requests in a round by scenario, on which the first pair decides.
    """

    sides: Sequence[Side]
    launcher: Launcher
    built: Mapping[str, Built]
    chance: Random
    requests: dict[str, int]
    _next: dict[str, SideProcess] = field(default_factory=dict, init=False)

    def take(self, number: int, scenarios: Sequence[str], *, say: Callable[[str], None]) -> Pair:
        """Take one pair of these scenarios. Raises SideError where a side could not answer as declared."""
        with ExitStack() as stack:
            processes = self._started(number, scenarios, stack)
            # To load takes as long as to measure: the next pair's processes do it meanwhile, off the measured core.
            self._load(beside_measurement=True)
            return {
                scenario: self._rounds(scenario, processes, say=say)
                for scenario in shuffled(scenarios, chance=self.chance)
            }

    def close(self) -> None:
        """End the processes that were loaded for a pair that nobody took."""
        while self._next:
            self._next.popitem()[1].close()

    def _load(self, *, beside_measurement: bool) -> None:
        """Start a fresh process a side for the next pair, in random order."""
        chances = Chances.drawn(self.chance)
        for side in shuffled(self.sides, chance=self.chance):
            self._next[side.name] = self.launcher.start(
                side, is_measured=True, chances=chances, beside_measurement=beside_measurement
            )

    def _started(self, number: int, scenarios: Sequence[str], stack: ExitStack) -> dict[str, SideProcess]:
        if not self._next:
            self._load(beside_measurement=False)
        processes = dict(self._next)
        self._next.clear()
        for process in processes.values():
            stack.callback(process.close)
        for side in self.sides:
            self._connect(side, processes[side.name], suffix=f"{side.name}{number}", scenarios=scenarios, stack=stack)
        for process in processes.values():
            process.answer()  # loaded
            process.answer()  # connected
            process.send("warm_up", times=WARM_UPS)
        for name, process in processes.items():
            if complaint := process.answer():
                raise SideError(name, f"did not answer as declared: {complaint}")
        return processes

    def _connect(
        self, side: Side, process: SideProcess, *, suffix: str, scenarios: Sequence[str], stack: ExitStack
    ) -> None:
        """Give a side databases of this pair's own, copied while its process loads: no pair inherits dead rows."""
        built = self.built[side.name]
        copy = built.copy(suffix)
        stack.callback(built.drop, suffix)
        stack.callback(process.close)
        process.send("connect", place=self.launcher.cores.place, scenarios=list(scenarios), **copy)

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


def _timed(process: SideProcess, scenario: str) -> tuple[int, int]:
    """Have a side execute a scenario once; give nanoseconds on the clock and on the processor. Raises SideError."""
    wall_ns, cpu_ns, complaint = process.ask("time", scenario=scenario)
    if complaint:
        raise SideError(process.side, f"did not answer as declared: {scenario}: {complaint}")
    return wall_ns, cpu_ns
