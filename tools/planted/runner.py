"""Runs what the catalogue plants: two at a time what counts, one at a time what is timed; resumable."""

import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Final

from reglab.postgres.database_url import configured_url
from reglab.postgres.server import Server
from tools.planted.catalogue import Regression
from tools.planted.instruments import sighting_of_neutral, sighting_of_regression
from tools.planted.judgement import Judgement, judged
from tools.planted.processes import Processes
from tools.planted.records import keep_records
from tools.planted.results import Entry, Result, Results, key_of
from tools.planted.sightings import Sighting

# A neighbour would be mistaken for what is planted.
_ALONE: Final = ("compare", "load")
Look = Callable[[Entry, Path, Processes], Sighting]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An entry with its result and what that is worth; `complaint` says what is wrong."""

    entry: Entry
    result: Result
    judgement: Judgement
    complaint: str


def look(entry: Entry, folder: Path, processes: Processes) -> Sighting:
    """Plant one entry in copies below `folder` and let its instrument look."""
    if isinstance(entry, Regression):
        return sighting_of_regression(entry, folder / "copy", processes)
    return sighting_of_neutral(entry, folder, processes)


@dataclass(slots=True, kw_only=True)
class Runner:
    """Runs entries that no result holds for yet, and judges all of them.

    `records` is a folder where the instruments' raw records are kept, in a folder an entry. Nothing new begins after
    `ends_at`, of the monotonic clock. `seen_with` is written to each result.
    """

    results: Results
    revision: str
    say: Say = lambda _: None
    look: Look = look
    jobs: int = 2
    records: Path | None = None
    ends_at: float = inf
    seen_with: str = ""
    processes: Processes = field(default_factory=Processes)

    def run(self, entries: Sequence[Entry]) -> list[Judged]:
        """Return every entry, judged, in the given order. On Ctrl-C what is done is kept."""
        missing = [entry for entry in entries if not self.is_done(entry)]
        beside = [entry for entry in missing if not _is_alone(entry)]
        alone = [entry for entry in missing if _is_alone(entry)]
        with ExitStack() as stack:
            if beside:
                self.processes.database_url = configured_url() or _started(stack)
            self._run_all(beside, jobs=self.jobs, done=0, total=len(missing))
        self._run_all(alone, jobs=1, done=len(beside), total=len(missing))
        return [self.judge(entry) for entry in entries]

    @property
    def is_late(self) -> bool:
        """Whether nothing new is to begin."""
        return time.monotonic() > self.ends_at

    def is_done(self, entry: Entry) -> bool:
        """Whether a result holds for an entry."""
        return self.results.of(key_of(entry, self.revision)) is not None

    def result_of(self, entry: Entry, sighting: Sighting, *, seconds: float) -> Result:
        """Return what was seen of an entry as a result, to be kept."""
        return Result(
            key=key_of(entry, self.revision),
            name=entry.name,
            seconds=round(seconds, 1),
            sighting=sighting,
            seen_with=self.seen_with,
        )

    def forget(self, entries: Iterable[Entry]) -> None:
        """Forget the results of these entries, so that they are run again."""
        for entry in entries:
            self.results.forget(key_of(entry, self.revision))

    def judge(self, entry: Entry) -> Judged:
        """Judge the result that holds for an entry; one without is not run."""
        return self._judged(entry, self.results.of(key_of(entry, self.revision)))

    def judge_latest(self, entry: Entry) -> Judged:
        """Judge the last result of an entry, whatever code it was seen with; one that was never run is not run."""
        return self._judged(entry, self.results.latest(entry.name))

    def _judged(self, entry: Entry, found: Result | None) -> Judged:
        result = found or Result(key="", name=entry.name, seconds=0.0, sighting=Sighting(complaint="it was not run"))
        judgement, complaint = judged(entry, result.sighting)
        return Judged(entry=entry, result=result, judgement=judgement, complaint=complaint)

    def _run_all(self, entries: Iterable[Entry], *, jobs: int, done: int, total: int) -> None:
        with ThreadPoolExecutor(jobs) as pool:
            futures = [pool.submit(self._run, entry) for entry in entries]
            try:
                for number, future in enumerate(as_completed(futures), start=done + 1):
                    if (result := future.result()) is not None:
                        self._keep(result, number=number, total=total)
            except BaseException:
                self.processes.end()
                pool.shutdown(cancel_futures=True)
                raise

    def _run(self, entry: Entry) -> Result | None:
        if self.is_late:
            return None
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="planted-") as folder:
            sighting = self.look(entry, Path(folder), self.processes)
            if self.records is not None:
                keep_records(Path(folder), self.records / entry.name)
        return self.result_of(entry, sighting, seconds=time.monotonic() - started)

    def _keep(self, result: Result, *, number: int, total: int) -> None:
        self.say(f"{number}/{total} {result.name}: {result.sighting.complaint or result.sighting.outcome}")
        self.results.add(result)


def _is_alone(entry: Entry) -> bool:
    return isinstance(entry, Regression) and entry.instrument in _ALONE


def _started(stack: ExitStack) -> str:
    """Start one server for all work audits: each of them makes databases of its own there."""
    return stack.enter_context(Server.throwaway()).create_database("planted")
