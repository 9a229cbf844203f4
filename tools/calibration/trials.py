"""Running trials: comparisons of the checked out revision with itself, a known slowdown planted or not."""

import platform
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from statistics import fmean
from typing import Final

from reglab.config.suite import read_suite
from reglab.errors import AuditError, SideError
from reglab.report.policy import chosen_policy
from reglab.report.record_files import now
from reglab.report.records import RemarkKind
from reglab.report.rules.paired import PairedRule
from reglab.report.rules.paired_statistics import Conclusion
from reglab.timing.checkouts import Revisions
from reglab.timing.comparison import Comparer, Comparison, loss_of
from reglab.timing.pairs import PairBench
from reglab.timing.precheck import Built
from reglab.timing.prerequisites import paired_rule
from reglab.timing.repository import Repository
from reglab.timing.setup import arranged
from reglab.timing.variants import BASELINE, CANDIDATE, SENTINEL, Side
from tools.calibration.background_load import Neighbours
from tools.calibration.injected_delays import plant_delays, suite_with_delays
from tools.calibration.kinds import KINDS, Kind
from tools.calibration.noise import noise
from tools.calibration.other_judges import mann_whitney_is_slower
from tools.calibration.places import ORDERS, POLICY
from tools.calibration.results import Scenario, Trial

_URLCONF: Final = Path("service/urls.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBench:
    """Both sides' databases, on which batch after batch is run; each pair has copies and processes of its own."""

    comparer: Comparer
    built: dict[str, Built]
    compared: Sequence[str]
    revision: str
    seconds_to_build: float

    def batch(self, kinds: Sequence[Kind]) -> list[Trial]:
        """Run a trial of each kind on the same pairs, until each has decided as a comparison by itself would."""
        found = {kind.name: Comparison(pairs={name: [] for name in kind.scenarios(self.compared)}) for kind in kinds}
        started, neighbours = time.monotonic(), Neighbours.now()
        with noise(is_wanted=kinds[0].is_noisy), closing(self.comparer.bench(self.built)) as bench:
            try:
                self._take_until_decided(bench, found)
            except SideError as error:
                for comparison in found.values():
                    comparison.remark(loss_of(error), str(error))
        seconds = time.monotonic() - started + self.seconds_to_build
        batch, others, rule = token_hex(4), neighbours.cores_since(), self.comparer.rule
        return [
            Trial(
                kind=kind.name,
                outcome=outcome(found[kind.name], rule),
                pairs=found[kind.name].pairs_taken,
                seconds=round(seconds, 1),
                batch=batch,
                neighbours_cores=round(others, 2),
                placement=self.comparer.launcher.cores.told,
                planted=kind.slowed if kind.delay else "",
                revision=self.revision[:12],
                python=platform.python_version(),
                at=now(),
                scenarios=_scenarios(found[kind.name], rule),
            )
            for kind in kinds
        ]

    def _take_until_decided(self, bench: PairBench, found: Mapping[str, Comparison]) -> None:
        """Take pairs of every scenario that some comparison still needs; each keeps what it would have taken alone."""
        active = {kind: list(comparison.pairs) for kind, comparison in found.items()}
        taken = 0
        for look in self.comparer.rule.looks:
            while any(active.values()) and taken < look:
                wanted = list(dict.fromkeys(name for names in active.values() for name in names))
                pair = bench.take(taken, wanted, say=self.comparer.progress.say)
                taken += 1
                for kind, names in active.items():
                    for name in names:
                        found[kind].pairs[name].append(pair[name])
                    if names:
                        found[kind].pairs_taken = taken
            active = {kind: comparison.undecided(self.comparer.rule) for kind, comparison in found.items()}


@contextmanager
def trial_bench(*, seed: int) -> Iterator[TrialBench]:
    """Export the checked out revision twice, the candidate obeying planted delays, and make both sides' databases.

    Raises AuditError or ServerError where that cannot be done.
    """
    orders, rule = read_suite(ORDERS), paired_rule(chosen_policy(None, POLICY))
    repository = Repository(folder=Path.cwd(), paths=orders.suite.compare.subject)
    commit = repository.commit("HEAD")
    compared = orders.suite.compare.scenarios
    scenarios = list(dict.fromkeys(name for kind in KINDS.values() for name in kind.scenarios(compared)))
    with tempfile.TemporaryDirectory(prefix="calibration-") as folder:
        path = Path(folder) / ORDERS.name
        path.write_text(suite_with_delays(orders, _one_a_delay()), encoding="utf-8")
        started = time.monotonic()
        with arranged(
            file=read_suite(path),
            rule=rule,
            repository=repository,
            revisions=Revisions(baseline=commit, candidate=commit),
            scenarios=scenarios,
            seed=seed,
            alter=_plant,
        ) as arrangement:
            comparer = arrangement.comparer
            with comparer.building() as built:
                if built is None or comparer.comparable() != scenarios or comparer.found.remarks:
                    raise AuditError(f"the sides do not answer alike: {comparer.found.remarks}")
                yield TrialBench(
                    comparer=comparer,
                    built=built,
                    compared=compared,
                    revision=commit,
                    seconds_to_build=time.monotonic() - started,
                )


def outcome(found: Comparison, rule: PairedRule) -> str:
    """Return what the policy's rule comes to over all scenarios: pass, fail or inconclusive."""
    conclusions = [each.conclusion for each in found.decisions(rule).values()]
    moved = [each for each in found.decisions(rule, side=SENTINEL).values() if each.conclusion is Conclusion.SLOWER]
    if any(remark.kind is RemarkKind.FAIL for remark in found.remarks):
        return "fail"
    if not conclusions or moved or found.remarks:
        return "inconclusive"
    if Conclusion.SLOWER in conclusions:
        return "fail"
    return "inconclusive" if Conclusion.UNDECIDED in conclusions else "pass"


def _one_a_delay() -> list[Kind]:
    return list({kind.slowed: kind for kind in KINDS.values()}.values())


def _plant(sides: list[Side]) -> None:
    plant_delays(next(side for side in sides if side.name == CANDIDATE), urlconf=_URLCONF)


def _scenarios(found: Comparison, rule: PairedRule) -> dict[str, Scenario]:
    decisions, sentinel = found.decisions(rule), found.decisions(rule, side=SENTINEL)
    scenarios = {}
    for name in decisions:
        pairs = found.pairs[name]
        pooled = {
            side: [seconds for pair in pairs for seconds in pair[side].wall_seconds]
            for side in (BASELINE, CANDIDATE, SENTINEL)
        }
        scenarios[name] = Scenario(
            medians_us={side: tuple(round(1e6 * each) for each in found.times(name, side)) for side in pooled},
            means_us={side: round(1e6 * fmean(values), 1) for side, values in pooled.items()},
            conclusion=decisions[name].conclusion.value,
            is_sentinel_slower=sentinel[name].conclusion is Conclusion.SLOWER,
            is_mann_whitney_slower=mann_whitney_is_slower(baseline=pooled[BASELINE], candidate=pooled[CANDIDATE]),
        )
    return scenarios
