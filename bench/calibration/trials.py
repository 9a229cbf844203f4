"""Running one trial: a comparison of the checked out revision with itself, a known slowdown planted or not."""

import os
import platform
from pathlib import Path
from statistics import fmean
from typing import Final

from bench.calibration.kinds import Kind
from bench.calibration.noise import noise
from bench.calibration.peers import mann_whitney_is_slower
from bench.calibration.planting import plant_delay
from bench.calibration.results import Scenario, Trial
from bench.commandline import ORDERS
from bench.paired.arrangement import arranged
from bench.paired.comparison import Comparison
from bench.paired.groundwork import paired_rule
from bench.paired.repository import Repository
from bench.paired.sides import BASELINE, CANDIDATE, SENTINEL, Side
from bench.paired.subjects import Revisions
from bench.suite import read_suite
from reports.decisions import Conclusion
from reports.policy import read_policy
from reports.record_files import now
from reports.rules.paired import PairedRule

PLANTED: Final = "summary"
_URLCONF: Final = Path("service/urls.py")
_PATH: Final = "/summary/"


def run_trial(kind: Kind, *, seed: int) -> Trial:
    """Run one trial of a kind. Raises AuditError or ServerError where it cannot be run."""
    file, rule = read_suite(ORDERS), paired_rule(read_policy())
    repository = Repository(folder=Path.cwd(), paths=file.suite.compare.subject)
    commit = repository.commit("HEAD")
    load_average = os.getloadavg()[0]

    def alter(sides: list[Side]) -> None:
        if kind.delay:
            candidate = next(side for side in sides if side.name == CANDIDATE)
            plant_delay(candidate, urlconf=_URLCONF, path=_PATH, delay=kind.delay)

    with (
        noise(is_wanted=kind.is_noisy),
        arranged(
            file=file,
            rule=rule,
            repository=repository,
            revisions=Revisions(baseline=commit, candidate=commit),
            scenarios=(),
            seed=seed,
            alter=alter,
        ) as arrangement,
    ):
        comparer = arrangement.comparer
        comparer.run()
    return Trial(
        kind=kind.name,
        outcome=outcome(comparer.found, rule),
        pairs=comparer.found.pairs_taken,
        seconds=round(comparer.found.seconds, 1),
        load_average=round(load_average, 2),
        placement=comparer.launcher.cores.told,
        planted=PLANTED if kind.delay else "",
        revision=commit[:12],
        python=platform.python_version(),
        at=now(),
        scenarios=_scenarios(comparer.found, rule),
    )


def outcome(found: Comparison, rule: PairedRule) -> str:
    """Return what the policy's rule comes to over all scenarios: pass, fail or inconclusive."""
    conclusions = [each.conclusion for each in found.decisions(rule).values()]
    moved = [each for each in found.decisions(rule, side=SENTINEL).values() if each.conclusion is Conclusion.SLOWER]
    if not conclusions or moved or found.remarks:
        return "inconclusive"
    if Conclusion.SLOWER in conclusions:
        return "fail"
    return "inconclusive" if Conclusion.UNDECIDED in conclusions else "pass"


def _scenarios(found: Comparison, rule: PairedRule) -> dict[str, Scenario]:
    decisions, sentinel = found.decisions(rule), found.decisions(rule, side=SENTINEL)
    scenarios = {}
    for name, pairs in found.pairs.items():
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
