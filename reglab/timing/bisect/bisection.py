"""The first bad commit: by an exact run a commit where a work counter tells good from bad, else by pairs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from random import Random

from reglab.counters.engine.definition import CounterMetric
from reglab.errors import ComparisonError, SideError
from reglab.report.records import Evidence
from reglab.report.rules.paired import PairedRule
from reglab.report.rules.paired_statistics import Conclusion
from reglab.timing.comparison import Comparer, Comparison
from reglab.timing.counter_differences import totals, work_difference
from reglab.timing.precheck import Examination, build
from reglab.timing.progress import Progress
from reglab.timing.repository import Repository
from reglab.timing.variants import BASELINE, CANDIDATE, SENTINEL, Chances, Launcher, Side, closing_all, this_python


class Judgement(StrEnum):
    """What is known of one commit."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "cannot be judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspects:
    """The commits one of which is the first bad one, oldest first; a bisection that succeeded leaves one."""

    commits: tuple[str, ...]
    by: str = ""
    evidence: tuple[Evidence, ...] = ()


def narrowed(commits: Sequence[str], judge: Callable[[str], Judgement]) -> tuple[str, ...]:
    """Return the suspects among `commits` (oldest first, the last one bad) by binary search.

    A commit that cannot be judged is passed over for the nearest that can; where none can, several suspects stay.
    """
    good, bad = -1, len(commits) - 1
    while bad - good > 1:
        middle = (good + bad) // 2
        for index in sorted(range(good + 1, bad), key=lambda each: abs(each - middle)):
            judgement = judge(commits[index])
            if judgement is not Judgement.UNKNOWN:
                good, bad = (index, bad) if judgement is Judgement.GOOD else (good, index)
                break
        else:
            break
    return tuple(commits[good + 1 : bad + 1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bisection:
    """Bisects one scenario of one repository; `temporary` is a folder for the exported subjects."""

    repository: Repository
    launcher: Launcher
    scenario: str
    sizes: dict[str, int]
    rule: PairedRule
    chance: Random
    temporary: Path
    say: Callable[[str], None]

    def run(self, *, good: str, bad: str) -> Suspects:
        """Find the first bad commit. Raises ComparisonError where good and bad cannot be told apart at all."""
        commits = self.repository.commits(good=good, bad=bad)
        if not commits:
            raise ComparisonError(f"no commit between {good[:12]} and {bad[:12]} touches the subject")
        best, worst = self._examined(good), self._examined(bad)
        for commit, examination in ((good, best), (bad, worst)):
            if examination.complaint:
                raise ComparisonError(f"{self.repository.title(commit)}: {examination.complaint}")
        metric = _telling_metric(best, worst)
        if metric:
            return self._by_counter(commits, metric, best=best, worst=worst)
        self.say("no work counter rose: pairs decide")
        return self._by_pairs(commits, good=good, bad=bad)

    def _by_counter(
        self, commits: Sequence[str], metric: CounterMetric, *, best: Examination, worst: Examination
    ) -> Suspects:
        limit = totals(best.counts)[metric] * (1 + metric.noise_fraction)
        examinations = {commits[-1]: worst}
        self.say(f"{metric.name}: {totals(best.counts)[metric]:,} when good, {totals(worst.counts)[metric]:,} when bad")

        def judge(commit: str) -> Judgement:
            examination = examinations[commit] = self._examined(commit)
            if examination.complaint:
                return self._told(commit, Judgement.UNKNOWN, examination.complaint)
            value = totals(examination.counts).get(metric, 0)
            return self._told(commit, Judgement.BAD if value > limit else Judgement.GOOD, f"{metric.name} {value:,}")

        suspects = narrowed(commits, judge)
        evidence = work_difference(baseline=best.counts, candidate=examinations[suspects[-1]].counts)
        return Suspects(commits=suspects, by=metric.name, evidence=evidence)

    def _by_pairs(self, commits: Sequence[str], *, good: str, bad: str) -> Suspects:
        found: dict[str, Comparison] = {}

        def judge(commit: str) -> Judgement:
            comparison = found[commit] = self._compared(good, commit)
            decision = comparison.decisions(self.rule).get(self.scenario)
            is_void = self.scenario in comparison.undecided(self.rule)
            if decision is None or is_void:
                return self._told(commit, Judgement.UNKNOWN, f"undecided after {comparison.pairs_taken} pairs")
            judgement = Judgement.BAD if decision.conclusion is Conclusion.SLOWER else Judgement.GOOD
            return self._told(commit, judgement, f"{100 * decision.effect:+.1f} % in {decision.pairs} pairs")

        if judge(bad) is not Judgement.BAD:
            raise ComparisonError(f"{bad[:12]} is not proven to be slower than {good[:12]}: there is nothing to bisect")
        found[commits[-1]] = found[bad]
        suspects = narrowed(commits, judge)
        return Suspects(commits=suspects, by="time", evidence=found[suspects[-1]].evidence.get(self.scenario, ()))

    def _told(self, commit: str, judgement: Judgement, why: str) -> Judgement:
        self.say(f"{self.repository.title(commit)}: {judgement} ({why})")
        return judgement

    def _side(self, name: str, commit: str) -> Side:
        folder = self.temporary / commit
        if not folder.exists():
            folder.mkdir()
            self.repository.export(commit, folder)
            self.repository.settle(folder)
        return Side(name=name, revision=commit, folder=folder, python=this_python())

    def _examined(self, commit: str) -> Examination:
        side = self._side(commit[:12], commit)
        with closing_all([self.launcher.start(side, is_measured=False, chances=Chances())]) as (process,):
            try:
                process.answer()
                built = build([process], sizes=self.sizes, scenarios=[self.scenario])[side.name]
                return built.examinations[self.scenario]
            except SideError as error:
                return Examination(complaint=str(error))

    def _compared(self, good: str, commit: str) -> Comparison:
        comparer = Comparer(
            sides=[self._side(BASELINE, good), self._side(CANDIDATE, commit), self._side(SENTINEL, good)],
            scenarios=[self.scenario],
            sizes=self.sizes,
            launcher=self.launcher,
            rule=self.rule,
            chance=self.chance,
            progress=Progress(),
            found=Comparison(),
        )
        comparer.run()
        return comparer.found


def _telling_metric(best: Examination, worst: Examination) -> CounterMetric | None:
    """Return the first counter that is higher when bad, in the order in which counters explain time."""
    before, after = totals(best.counts), totals(worst.counts)
    higher = (metric for metric, value in after.items() if value > before.get(metric, 0) * (1 + metric.noise_fraction))
    return next(higher, None)
