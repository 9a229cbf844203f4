"""What is known of a scenario on one side before it is timed: its answers and its work counters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter

from bench.counts import Count
from bench.paired.answers import Answers
from bench.paired.process import SideProcess

COUNTS: Final[TypeAdapter[list[Count]]] = TypeAdapter(list[Count])


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """One scenario on one side. Where `complaint` says why it cannot be timed, the rest is empty."""

    complaint: str = ""
    answers: tuple[Answers, ...] = ()
    counts: tuple[Count, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A side's databases: the process that holds them, the data's sizes, and the cookies that requests carry."""

    process: SideProcess
    sizes: Mapping[str, int]
    cookies: Mapping[str, str]

    @classmethod
    def made(cls, process: SideProcess, *, sizes: Mapping[str, int]) -> "Built":
        """Have a side's process make its databases. Raises SideError."""
        return cls(process=process, sizes=sizes, cookies=process.ask("build", sizes=dict(sizes)))

    def copy(self, suffix: str) -> dict[str, Any]:
        """Make a copy of the databases; give what a process needs to connect to it. Raises SideError."""
        names = self.process.ask("clone", suffix=suffix)
        return {"names": names, "cookies": dict(self.cookies), "sizes": dict(self.sizes)}

    def drop(self, suffix: str) -> None:
        """Drop a copy. Raises SideError."""
        self.process.ask("drop", suffix=suffix)


def examine(built: Built, scenarios: Sequence[str]) -> dict[str, Examination]:
    """Examine scenarios on a side's databases. Raises SideError."""
    return {scenario: _examination(built.process.ask("examine", scenario=scenario)) for scenario in scenarios}


def _examination(data: Mapping[str, Any]) -> Examination:
    if data["complaint"]:
        return Examination(complaint=data["complaint"])
    return Examination(
        answers=tuple([(status, body) for status, body in execution] for execution in data["answers"]),
        counts=tuple(COUNTS.validate_json(data["counts"])),
    )
