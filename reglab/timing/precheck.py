"""Check of a scenario on one side before it is timed: its answers and its work counters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import TypeAdapter

from reglab.report.records import Measurement
from reglab.timing.answers import Answers
from reglab.timing.workers.worker_handle import SideProcess

COUNTS: Final[TypeAdapter[list[Measurement]]] = TypeAdapter(list[Measurement])


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """One scenario on one side. Where `complaint` says why it cannot be timed, the rest is empty.

    `requests` are the scenario's, bound to the side's rows, as they are sent to the processes that are timed.
    """

    complaint: str = ""
    answers: tuple[Answers, ...] = ()
    counts: tuple[Measurement, ...] = ()
    requests: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A copy of a side's databases: its `suffix`, the names by alias, and the cookies that requests on it carry."""

    suffix: str
    names: Mapping[str, str]
    cookies: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A side's databases: the process that holds them, the data's sizes, and the cookies that requests carry."""

    process: SideProcess
    cookies: Mapping[str, str]
    examinations: dict[str, Examination] = field(default_factory=dict)

    def copy(self, suffix: str) -> Copy:
        """Make a copy of the databases. Raises SideError."""
        return Copy(suffix=suffix, names=self.process.ask("clone", suffix=suffix), cookies=self.cookies)

    def drop(self, copy: Copy) -> None:
        """Drop a copy. Raises SideError."""
        self.process.ask("drop", suffix=copy.suffix)

    def requests(self, scenarios: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """Return the scenarios' requests, as a process that is timed takes them."""
        return {name: [dict(request) for request in self.examinations[name].requests] for name in scenarios}


def build(processes: Sequence[SideProcess], *, sizes: Mapping[str, int], scenarios: Sequence[str]) -> dict[str, Built]:
    """Have sides make their databases and examine scenarios, all at once; the result is by side.

    Raises SideError, of the first process before any other's.
    """
    for process in processes:
        process.send("build", sizes=dict(sizes))
    built = {process.side: Built(process=process, cookies=process.answer()) for process in processes}
    for scenario in scenarios:
        for process in processes:
            process.send("examine", scenario=scenario)
        for process in processes:
            built[process.side].examinations[scenario] = _examination(process.answer())
    return built


def _examination(data: Mapping[str, Any]) -> Examination:
    if data["complaint"]:
        return Examination(complaint=data["complaint"])
    return Examination(
        answers=tuple([(status, body) for status, body in execution] for execution in data["answers"]),
        counts=tuple(COUNTS.validate_json(data["counts"])),
        requests=tuple(data["requests"]),
    )
