"""A comparison: examine both sides, take pairs until every scenario is decided, and say why."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from random import Random

from reglab.errors import ComparisonError, SideError
from reglab.report.records import Evidence, Remark, RemarkKind
from reglab.report.rules.paired import PairedRule
from reglab.report.rules.paired_statistics import Conclusion, Decision, decide, log_ratios
from reglab.timing.answers import difference
from reglab.timing.counter_differences import work_difference
from reglab.timing.pairs import SETTLING, WARM_UPS, PairBench, Round, connect
from reglab.timing.precheck import Built, Examination, build
from reglab.timing.progress import Progress
from reglab.timing.variants import BASELINE, CANDIDATE, SENTINEL, Chances, Launcher, Side, closing_all
from reglab.timing.workers.stack_profile import Profile, Spent, tree_difference
from reglab.timing.workers.worker_handle import SideProcess

_SAMPLED = "sampled"
_SAMPLED_SECONDS = 1.5
_SAMPLED_TIMES_MIN = 5
_SAMPLED_TIMES_MAX = 200


@dataclass(slots=True, kw_only=True)
class Comparison:
    """Everything found out so far: rounds by scenario (a mapping by side for each pair), evidence and remarks."""

    pairs: dict[str, list[Mapping[str, Round]]] = field(default_factory=dict)
    evidence: dict[str, tuple[Evidence, ...]] = field(default_factory=dict)
    stacks: dict[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    examinations: dict[str, dict[str, Examination]] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)
    pairs_taken: int = 0
    seconds: float = 0.0

    def times(self, scenario: str, side: str) -> list[float]:
        """Return a side's wall time in each pair, in seconds."""
        return [pair[side].wall_seconds_median for pair in self.pairs[scenario]]

    def decisions(self, rule: PairedRule, *, side: str = CANDIDATE) -> dict[str, Decision]:
        """Decide on every scenario as the policy's rule does; `side` may be the sentinel."""
        ratios = {
            scenario: log_ratios(baseline=self.times(scenario, BASELINE), candidate=self.times(scenario, side))
            for scenario, pairs in self.pairs.items()
            if pairs
        }
        return decide(ratios, rule.margins) if ratios else {}

    def undecided(self, rule: PairedRule) -> list[str]:
        """Return the scenarios that need more pairs: neither side proven, or the sentinel off its mark."""
        moved = {name for name, each in self.decisions(rule, side=SENTINEL).items() if _is_slower(each)}
        return [
            name
            for name, each in self.decisions(rule).items()
            if each.conclusion is Conclusion.UNDECIDED or name in moved
        ]

    def remark(self, kind: RemarkKind, text: str, *, scenario: str = "", next_step: str = "") -> None:
        """Keep a sentence for the record."""
        self.remarks.append(Remark(kind=kind, text=text, scenario=scenario, next_step=next_step))


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparer:
    """Takes one comparison of `sides` (baseline, candidate, sentinel) on `scenarios`, into `found`.

    `touched` scenarios are timed because of the change alone: where a side has another answer for them, that is a note.
    So it is for those in `explained`, by name with the reason: the change declares the difference itself.
    """

    sides: Sequence[Side]
    scenarios: Sequence[str]
    sizes: Mapping[str, int]
    launcher: Launcher
    rule: PairedRule
    chance: Random
    progress: Progress
    found: Comparison
    touched: frozenset[str] = frozenset()
    explained: Mapping[str, str] = field(default_factory=dict)

    def run(self) -> None:
        """Compare. Raises ComparisonError where the baseline does not start; what a side does later is a remark."""
        started = time.monotonic()
        try:
            with self.building() as built:
                if built is not None:
                    timed = self.comparable()
                    self._take_pairs(built, timed)
                    self._explain(built)
        finally:
            self.found.seconds = time.monotonic() - started
            self.progress.done()

    @contextmanager
    def building(self) -> Iterator[dict[str, Built] | None]:
        """Have the sides' databases during the block, each scenario examined; None where the candidate cannot start."""
        with closing_all([]) as processes:
            yield self._built(processes)

    def bench(self, built: Mapping[str, Built]) -> PairBench:
        """Return what takes pairs on these databases."""
        return PairBench(
            sides=self.sides,
            launcher=self.launcher,
            built=built,
            chance=self.chance,
            requests=self.found.requests,
        )

    def _built(self, processes: list[SideProcess]) -> dict[str, Built] | None:
        """Start a process for each subject, make its databases and examine it; None where the candidate cannot."""
        baseline, candidate, _ = self.sides
        self.progress.say("both sides: databases and work counters")
        try:
            about, built = self._started(processes, (baseline, candidate))
        except SideError as error:
            if error.side == baseline.name:
                raise ComparisonError(f"the baseline ({baseline.revision[:12]}) {error.problem}") from None
            self.found.remark(
                loss_of(error), str(error), next_step="Start the candidate by hand and mend what stops it."
            )
            return None
        self.found.examinations = {name: each.examinations for name, each in built.items()}
        self._compare_surroundings(about)
        return {**built, SENTINEL: built[BASELINE]}

    def _started(
        self, processes: list[SideProcess], sides: Sequence[Side]
    ) -> tuple[dict[str, Mapping[str, str]], dict[str, Built]]:
        for side in sides:
            # One by one: those that did start are closed, whatever becomes of the next.
            processes.append(self.launcher.start(side, is_measured=False, chances=Chances()))  # noqa: PERF401
        about = {process.side: process.answer() for process in processes}
        return about, build(processes, sizes=self.sizes, scenarios=self.scenarios)

    def _compare_surroundings(self, about: Mapping[str, Mapping[str, str]]) -> None:
        for what in about[BASELINE]:
            if about[BASELINE][what] != about[CANDIDATE][what]:
                text = f"the sides differ in {what}: {about[BASELINE][what]} against {about[CANDIDATE][what]}"
                self.found.remark(RemarkKind.NOTE, text)

    def comparable(self) -> list[str]:
        """Return the scenarios that both sides answer as declared; remark on those that they do not, or not alike."""
        timed = []
        for name in self.scenarios:
            baseline, candidate = self._examined(BASELINE, name), self._examined(CANDIDATE, name)
            if candidate.complaint:
                self.found.remark(
                    RemarkKind.FAIL,
                    f"the candidate does not answer as declared: {candidate.complaint}",
                    scenario=name,
                    next_step="A side that errs has no time: mend the request named here.",
                )
            elif self._is_declared(name) and (told := _no_comparison(baseline, candidate)):
                reason = f" ({self.explained[name]})" if name in self.explained else ""
                self.found.remark(RemarkKind.NOTE, f"not timed: {told}{reason}", scenario=name)
                continue
            elif baseline.complaint:
                self.found.remark(
                    RemarkKind.INCONCLUSIVE,
                    f"the baseline does not answer as declared: {baseline.complaint}",
                    scenario=name,
                    next_step="There is nothing to compare with; choose others with --only.",
                )
            else:
                self._compare_answers(name, baseline, candidate)
                timed.append(name)
            self._note_work(name, baseline, candidate)
        if not timed and all(remark.kind is RemarkKind.NOTE for remark in self.found.remarks):
            self._remark_on_nothing_timed()
        return timed

    def _remark_on_nothing_timed(self) -> None:
        """Say whether somebody answers for the emptiness: only the change's own suite and ledger can, by each name."""
        if self.scenarios and self.explained.keys() >= set(self.scenarios):
            self.found.remark(
                RemarkKind.NOTE,
                "nothing was timed: the change declares each of the scenarios as new, or as answered otherwise",
            )
        else:
            self.found.remark(
                RemarkKind.INCONCLUSIVE,
                "no scenario can be timed on both sides: nothing is proven",
                next_step="Accept the new answers into the ledger, or compare a scenario that both revisions answer "
                "alike.",
            )

    def _is_declared(self, name: str) -> bool:
        return name in self.touched or name in self.explained

    def _compare_answers(self, name: str, baseline: Examination, candidate: Examination) -> None:
        if said := difference(baseline=baseline.answers, candidate=candidate.answers):
            self.found.remark(
                RemarkKind.INCONCLUSIVE,
                f"the sides answer differently: {said}",
                scenario=name,
                next_step="Times of different answers prove nothing; review the change by itself first.",
            )

    def _note_work(self, name: str, baseline: Examination, candidate: Examination) -> None:
        self.found.evidence[name] = work_difference(
            baseline=baseline.counts,
            candidate=candidate.counts,
            same_interpreter=self.sides[0].python == self.sides[1].python,
        )

    def _examined(self, side: str, scenario: str) -> Examination:
        return self.found.examinations[side][scenario]

    def _take_pairs(self, built: Mapping[str, Built], timed: Sequence[str]) -> None:
        self.found.pairs = {name: [] for name in timed}
        self.progress.begin_pairs()
        with closing(self.bench(built)) as bench:
            try:
                self._take_pairs_until_decided(bench, timed)
            except SideError as error:
                self._remark_on_loss(error)

    def _take_pairs_until_decided(self, bench: PairBench, timed: Sequence[str]) -> None:
        active = list(timed)
        for look in self.rule.looks:
            self.progress.aim_at(look)
            while active and self.found.pairs_taken < look:
                self._take_pair(bench, active)
            active = self.found.undecided(self.rule)

    def _take_pair(self, bench: PairBench, active: Sequence[str]) -> None:
        pair = bench.take(self.found.pairs_taken, active, say=self.progress.say)
        for name, rounds in pair.items():
            self.found.pairs[name].append(rounds)
        self.found.pairs_taken += 1
        self.progress.count_pair()

    def _remark_on_loss(self, error: SideError) -> None:
        text = f"{error}, in pair {self.found.pairs_taken + 1}"
        self.found.remark(loss_of(error), text, next_step="Run the scenario by hand on that side; then compare again.")

    def _explain(self, built: Mapping[str, Built]) -> None:
        """Where a slowdown is proven and no counter differs, sample both sides' stacks."""
        for name, decision in self.found.decisions(self.rule).items():
            if _is_slower(decision) and not self.found.evidence[name]:
                self.progress.say(f"{name}: where the time goes")
                try:
                    baseline, candidate = (self._call_tree(side, built[side.name], name) for side in self.sides[:2])
                except SideError as error:
                    self.found.remark(RemarkKind.NOTE, f"no call tree: {error}", scenario=name)
                    continue
                self.found.evidence[name] = tree_difference(baseline=baseline.functions, candidate=candidate.functions)
                self.found.stacks[name] = {BASELINE: baseline.stacks, CANDIDATE: candidate.stacks}

    def _call_tree(self, side: Side, built: Built, scenario: str) -> Profile:
        seconds = max(self.found.times(scenario, name)[0] for name in (BASELINE, CANDIDATE))
        times = min(_SAMPLED_TIMES_MAX, max(_SAMPLED_TIMES_MIN, int(_SAMPLED_SECONDS / seconds)))
        copy = built.copy(_SAMPLED)
        with closing_all([self.launcher.start(side, is_measured=True, chances=Chances())]) as (process,):
            connect(process, copy, built.requests([scenario]))
            process.ask("warm_up", times=WARM_UPS)
            process.ask("settle", place=self.launcher.place, times=SETTLING)
            tree = process.ask("call_tree", scenario=scenario, times=times)
        built.drop(copy)
        functions = {
            place: Spent(seconds=spent, line=line, code=code)
            for place, (spent, line, code) in tree["functions"].items()
        }
        return Profile(functions=functions, stacks=tree["stacks"])


def _no_comparison(baseline: Examination, candidate: Examination) -> str:
    """Say why a scenario that the change touches cannot be timed: it is new, or answers otherwise."""
    if baseline.complaint:
        return f"the baseline does not answer as declared: {baseline.complaint}"
    said = difference(baseline=baseline.answers, candidate=candidate.answers)
    return f"the sides answer differently: {said}" if said else ""


def loss_of(error: SideError) -> RemarkKind:
    """Return what the loss of a side is: the candidate's is its own fault, unless somebody else ended it.

    The baseline's proves nothing.
    """
    is_fault = error.side == CANDIDATE and not error.is_from_outside
    return RemarkKind.FAIL if is_fault else RemarkKind.INCONCLUSIVE


def _is_slower(decision: Decision) -> bool:
    return decision.conclusion is Conclusion.SLOWER
