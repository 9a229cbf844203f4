"""From raw results to the figures of docs/method.md, each with its 95 % interval."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Final

from scipy import stats

from reglab.errors import AuditError
from reglab.timing.variants import BASELINE, CANDIDATE
from tools.calibration.kinds import KINDS
from tools.calibration.other_judges import mean_is_slower
from tools.calibration.results import Scenario, Trial

BEGIN: Final = "<!-- calibration: written by tox -e calibrate -->"
END: Final = "<!-- /calibration -->"
# Above it, somebody else's work was going on beside a trial that was meant to be quiet.
QUIET_CORES_MAX: Final = 0.1
_CONFIDENCE: Final = 0.95

Judge = Callable[[Trial, Trial | None], bool]


def write_figures(trials: Sequence[Trial], *, document: Path) -> None:
    """Put the figures between the marks of the document. Raises AuditError where the marks are not there."""
    text = document.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise AuditError(f"{document}: the marks {BEGIN!r} and {END!r} are missing: the figures have no place")
    head, _, rest = text.partition(BEGIN)
    document.write_text(f"{head}{BEGIN}\n\n{figures(trials)}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def figures(trials: Sequence[Trial]) -> str:
    """Return both tables in Markdown."""
    return "\n".join([*_verdicts(trials), "", *_loads(trials), "", *_peers(trials), ""])


def interval(count: int, of: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a proportion (Clopper and Pearson, 1934)."""
    found = stats.binomtest(count, of).proportion_ci(confidence_level=_CONFIDENCE, method="exact")
    return float(found.low), float(found.high)


def _verdicts(trials: Sequence[Trial]) -> Iterator[str]:
    yield "| trials | run | FAIL | PASS | inconclusive | pairs (median) | seconds (median, max) |"
    yield "|---|---|---|---|---|---|---|"
    for kind in KINDS.values():
        ours = [trial for trial in trials if trial.kind == kind.name]
        cells = [kind.name, f"{len(ours)} of {kind.wanted}"]
        cells += [
            _share(sum(trial.outcome == name for trial in ours), len(ours)) for name in ("fail", "pass", "inconclusive")
        ]
        if ours:
            cells.append(f"{median(trial.pairs for trial in ours):.0f}")
            cells.append(f"{median(trial.seconds for trial in ours):.0f}, {max(trial.seconds for trial in ours):.0f}")
        yield f"| {' | '.join(cells)} |"


def _loads(trials: Sequence[Trial]) -> Iterator[str]:
    yield (
        f"{len(trials)} trials from {len({trial.batch for trial in trials})} batches of pairs. The seconds are those "
        "of a batch, which is more than one comparison: it has all planted scenarios beside the five."
    )
    disturbed = [
        trial for trial in trials if not KINDS[trial.kind].is_noisy and trial.neighbours_cores > QUIET_CORES_MAX
    ]
    quiet = sum(not KINDS[trial.kind].is_noisy for trial in trials)
    if disturbed:
        cores = [trial.neighbours_cores for trial in disturbed]
        yield (
            f"Of the {quiet} trials called quiet, {len(disturbed)} were not: other processes kept "
            f"{min(cores):.1f} to {max(cores):.1f} cores busy beside them."
        )
    placements = sorted({trial.placement for trial in trials})
    yield f"Placement: {'; '.join(placements) or 'none'}."
    noise = _pair_noise(trials)
    if len(noise) > 1:
        cuts = quantiles(noise, n=10)
        yield (
            f"Noise a pair, as the standard deviation of log-ratios of equal code: median {100 * median(noise):.1f} %, "
            f"a tenth above {100 * cuts[-1]:.1f} %."
        )


def _pair_noise(trials: Sequence[Trial]) -> list[float]:
    from statistics import stdev

    from reglab.report.rules.paired_statistics import log_ratios

    return [
        stdev(log_ratios(baseline=each.medians_us[BASELINE], candidate=each.medians_us[CANDIDATE]))
        for trial in trials
        if not KINDS[trial.kind].delay
        for each in trial.scenarios.values()
        if len(each.medians_us[BASELINE]) > 1
    ]


def _peers(trials: Sequence[Trial]) -> Iterator[str]:
    yield "| alarms by | " + " | ".join(KINDS) + " |"
    yield "|---|" + "---|" * len(KINDS)
    judges: dict[str, Judge] = {
        "this project": lambda trial, _: trial.outcome == "fail",
        "two means, `mean:10%`, interleaved": lambda trial, _: any(
            _mean(each, each) for each in trial.scenarios.values()
        ),
        "Mann–Whitney on pooled requests": lambda trial, _: any(
            each.is_mann_whitney_slower for each in trial.scenarios.values()
        ),
        "a stored baseline, `mean:10%`": _stored,
    }
    for name, judge in judges.items():
        cells = [name]
        for kind in KINDS:
            ours = [trial for trial in trials if trial.kind == kind]
            judged = list(zip(ours, [None, *ours][:-1], strict=True))
            if name.startswith("a stored"):
                judged = judged[1:]
            cells.append(_share(sum(judge(trial, before) for trial, before in judged), len(judged)))
        yield f"| {' | '.join(cells)} |"


def _stored(trial: Trial, before: Trial | None) -> bool:
    """Judge the candidate against the baseline of the trial before: what was measured yesterday and kept."""
    return before is not None and any(
        _mean(before.scenarios[name], each) for name, each in trial.scenarios.items() if name in before.scenarios
    )


def _mean(baseline: Scenario, candidate: Scenario) -> bool:
    return mean_is_slower(
        baseline_seconds_mean=baseline.means_us[BASELINE], candidate_seconds_mean=candidate.means_us[CANDIDATE]
    )


def _share(count: int, of: int) -> str:
    if not of:
        return "not run"
    low, high = interval(count, of)
    return f"{count}/{of}, {100 * low:.1f}–{100 * high:.1f} %"
