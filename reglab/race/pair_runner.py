"""Runner of a pair: both serial orders, then the first of the two stopped at every moment that matters."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from reglab.config.suite import SuiteFile
from reglab.project.source_lines import ProjectFrames
from reglab.race.anomalies import HANGS, UNDECIDED, Anomaly, Interleaving, anomalies_of, anomalies_of_reading
from reglab.race.database_snapshot import Changes, Ground
from reglab.race.end_states import Outcome, Said, Unstable, outcome_of, said_by, together, unstable_of
from reglab.race.pairs import Contestant, Pair
from reglab.race.scheduling.schedule_run import Meetings
from reglab.race.scheduling.sync_points import Action, stops_of, stops_of_reader
from reglab.report.records import Evidence

_BOTH: Final = ((0, 1), (1, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class PairResult:
    """What one pair came to: how often it met, in both orders and interleaved, and what was wrong with which."""

    pair: Pair
    meetings: int
    anomalies: tuple[Anomaly, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """One scenario by itself: what it does, in order, and what of its outcome differs from one time to the next."""

    trace: tuple[Action, ...] = ()
    unstable: Unstable = field(default_factory=Unstable)
    complaint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a meeting that came to its end has left: the changed rows, and the answers from left to right."""

    changes: Changes
    said: tuple[Said, ...]


@dataclass(slots=True, kw_only=True)
class Arena:
    """The rows of one race, and what is known of each of its scenarios by itself."""

    file: SuiteFile
    ground: Ground
    meetings: Meetings
    frames: ProjectFrames
    _alone: dict[str, Alone] = field(default_factory=dict)

    def result_of(self, pair: Pair) -> PairResult:
        """Run both serial orders and then every interleaving of a pair, on connections that no other pair has had."""
        self.meetings.close()
        alone = [self._alone_of(contestant) for contestant in (pair.left, pair.right)]
        if complaint := next((each.complaint for each in alone if each.complaint), ""):
            return PairResult(pair=pair, meetings=1, anomalies=(_undecided(complaint),))
        if pair.is_read:
            return self._result_of_reading(pair, reader=alone[0].trace, writer=alone[1].trace)
        compared = _Compared(
            unstable=together([each.unstable for each in alone]), exempt=_exempt_fields(self.file, pair)
        )
        orders = _BOTH[:1] if pair.is_with_itself else _BOTH
        meetings = [self._meet(pair, order=order) for order in orders]
        serial = {title: outcome for found, ended in meetings for title, outcome in compared.serial(found, ended)}
        anomalies = [wrong for found, ended in meetings for wrong in compared.anomalies(found, ended, serial)]
        if any(ended is None for _, ended in meetings):
            # Without both serial orders there is nothing to hold an interleaving against.
            return PairResult(pair=pair, meetings=len(meetings), anomalies=tuple(anomalies))
        count = len(meetings)
        for order in orders:
            for found, ended in self._interleavings(pair, order=order, trace=alone[order[0]].trace):
                count += 1
                anomalies += compared.anomalies(found, ended, serial)
            if any(anomaly.metric == HANGS for anomaly in anomalies):
                # It would hang at every other moment, too: one finding says it.
                break
        return PairResult(pair=pair, meetings=count, anomalies=tuple(anomalies))

    def _result_of_reading(self, pair: Pair, *, reader: tuple[Action, ...], writer: tuple[Action, ...]) -> PairResult:
        """Let the writer come between two reads of the reader; a reader that comes second sees what is committed."""
        written = frozenset(table for action in writer for table in action.written)
        anomalies: list[Anomaly] = []
        stops = stops_of_reader(reader, written)
        for index, name in stops.items():
            found, _ = self._meet(pair, order=(0, 1), index=index, stop=name)
            anomalies += anomalies_of_reading(found)
        return PairResult(pair=pair, meetings=len(stops), anomalies=tuple(anomalies))

    def _interleavings(
        self, pair: Pair, *, order: tuple[int, int], trace: tuple[Action, ...]
    ) -> Iterator[tuple[Interleaving, Ended | None]]:
        """Stop the first at one moment after the other, where that can make a difference.

        A second side that waits at the first row that it wants to lock or write would wait there at every later moment
        of the same transaction too: it has seen the same, and holds nothing that the first could wait for.
        """
        is_covered = False
        for index, name in stops_of(trace).items():
            is_covered = is_covered and not trace[index - 1].publishes
            if not is_covered:
                found, ended = self._meet(pair, order=order, index=index, stop=name)
                yield found, ended
                is_covered = found.meeting.waits_at_its_first_lock
                if found.meeting.waiting_side is not None:
                    return

    def _alone_of(self, contestant: Contestant) -> Alone:
        """Execute a scenario twice by itself: the second time nothing is loaded for the first time any more."""
        if contestant.name not in self._alone:
            self._alone[contestant.name] = self._measured_alone(contestant)
        return self._alone[contestant.name]

    def _measured_alone(self, contestant: Contestant) -> Alone:
        changes: list[Changes] = []
        said: list[Said] = []
        for _ in range(2):
            meeting = self.meetings.alone(contestant.requests)
            changes.append(self._left_behind())
            answers = meeting.answers[0]
            if meeting.hung or meeting.deadlock or not answers:
                why = meeting.hung or "it never ended"
                return Alone(complaint=f"{contestant.name} by itself: {why}")
            said.append(said_by(contestant.name, answers))
        return Alone(trace=meeting.trace(0), unstable=unstable_of(*changes, said=(said[0], said[1])))

    def _meet(
        self, pair: Pair, *, order: tuple[int, int], index: int | None = None, stop: str = ""
    ) -> tuple[Interleaving, Ended | None]:
        """Let the pair meet, and put the rows back. Nothing has ended where one side hung or both were deadlocked."""
        both = (pair.left, pair.right)
        first, second = (both[side].requests for side in order)
        meeting = (
            self.meetings.in_turn(first, second)
            if index is None
            else self.meetings.interleaved(first, second, stop=index)
        )
        changes = self._left_behind()
        found = Interleaving(pair=pair, meeting=meeting, order=order, stop=stop, frames=self.frames)
        if meeting.hung or meeting.deadlock or meeting.missed_stop or not all(meeting.answers):
            return found, None
        said = tuple(said_by(both[side].name, meeting.answers[order.index(side)]) for side in (0, 1))
        return found, Ended(changes=changes, said=said)

    def _left_behind(self) -> Changes:
        changes = self.ground.changes()
        self.ground.restore(changes)
        return changes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """How outcomes of one pair are compared: without what differs by itself, and without the suite's exceptions."""

    unstable: Unstable
    exempt: frozenset[str]

    def serial(self, found: Interleaving, ended: Ended | None) -> Iterator[tuple[str, Outcome]]:
        """Yield the outcome of one order; of a scenario with itself also as if the other side had come first."""
        if ended is None:
            return
        yield found.title, self._outcome(ended)
        if found.pair.is_with_itself:
            second, first = found.names
            mirrored = Ended(changes=ended.changes, said=ended.said[::-1])
            yield f"{first}, then {second}", self._outcome(mirrored)

    def anomalies(self, found: Interleaving, ended: Ended | None, serial: dict[str, Outcome]) -> tuple[Anomaly, ...]:
        return anomalies_of(found, self._outcome(ended) if ended else None, serial=serial)

    def _outcome(self, ended: Ended) -> Outcome:
        return outcome_of(ended.changes, ended.said, unstable=self.unstable, exempt=self.exempt)


def _exempt_fields(file: SuiteFile, pair: Pair) -> frozenset[str]:
    names = (pair.left.scenario.name, pair.right.scenario.name)
    return frozenset(
        name
        for exception in file.suite.race_exception
        for one, other in (exception.scenarios, exception.scenarios[::-1])
        if fnmatchcase(names[0], one) and fnmatchcase(names[1], other)
        for name in exception.fields
    )


def _undecided(why: str) -> Anomaly:
    return Anomaly(metric=UNDECIDED, evidence=(Evidence(kind="hint", text=why),))
