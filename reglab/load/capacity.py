"""The breakpoint search: the largest rate that meets every SLO of the policy, with the interval that holds it."""

import json
import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from reglab.config.profile import Profile, Search
from reglab.errors import LoadTestError, UnsafeTargetError
from reglab.load.figures.measurements import ALL
from reglab.load.figures.slos import breaches, slo_findings
from reglab.load.figures.validity_checks import inconclusive
from reglab.load.load_run import LoadRun
from reglab.load.writes.preparation import ROWS_FILE
from reglab.metrics import METRICS
from reglab.report.policy import Policy
from reglab.report.records import Evidence, Measurement, Remark, RemarkKind, Series


@dataclass(slots=True, kw_only=True)
class Bracket:
    """What is known of the capacity: the largest rate that passed, the smallest that failed (None: none yet)."""

    search: Search
    passed: float | None = None
    failed: float | None = None
    probes: int = 0

    def next_rate(self) -> float | None:
        """Return the rate to try next, or None where the interval is narrow enough or the probes are used up."""
        if self.probes >= self.search.probes_max:
            return None
        if self.passed is None and self.failed is None:
            return self.search.start_rps
        if self.failed is None and self.passed is not None:
            return self.passed * self.search.growth
        if self.passed is None and self.failed is not None:
            return self.failed / self.search.growth
        assert self.passed is not None and self.failed is not None  # noqa: S101, PT018  # the only case that is left
        if self.failed / self.passed - 1 <= self.search.precision:
            return None
        return math.sqrt(self.passed * self.failed)

    def learn(self, rate: float, *, has_passed: bool) -> None:
        """Narrow the interval."""
        self.probes += 1
        if has_passed:
            self.passed = max(rate, self.passed or 0.0)
        else:
            self.failed = min(rate, self.failed or rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """Whether one run of load keeps the SLOs; None where it cannot be told. `breaches` says what it broke."""

    has_passed: bool | None
    breaches: tuple[str, ...] = field(default=())


def judged(load: LoadRun, policy: Policy) -> Judgement:
    """Apply the policy's SLOs to one run of load."""
    reasons = [line for line in load.lines() if isinstance(line, Remark) and line.kind is not RemarkKind.NOTE]
    if load.is_unsafe:
        raise UnsafeTargetError(f"the search for capacity was ended: {load.state.reasons['unsafe'][0]}")
    findings = slo_findings(load.measurements(), policy)
    broken = breaches(findings)
    broken += [remark.text for remark in reasons if remark.kind is RemarkKind.FAIL]
    if broken:
        return Judgement(has_passed=False, breaches=tuple(broken))
    return Judgement(
        has_passed=None if reasons or not findings else True, breaches=tuple(each.text for each in reasons)
    )


def search_capacity(
    profile: Profile, *, send: Callable[[Profile, Path], LoadRun], folder: Path, policy: Policy
) -> tuple[LoadRun, list[Measurement | Series | Remark]]:
    """Try rates until the interval is narrow. Return the best run, and the capacity's lines.

    Raises LoadTestError where no rate could be tried.
    """
    assert profile.search is not None  # noqa: S101  # the caller's condition
    bracket = Bracket(search=profile.search)
    best: LoadRun | None = None
    last: LoadRun | None = None
    tried: list[tuple[float, str]] = []
    doubt = ""
    while not doubt and (rate := bracket.next_rate()) is not None:
        try:
            last = send(profile.at_rate(rate), _probe_folder(folder, bracket.probes))
        except UnsafeTargetError:
            raise
        except LoadTestError as error:
            doubt = f"{rate:.1f} arrivals/s could not be tried: {error}"
            break
        judgement = judged(last, policy)
        if judgement.has_passed is None or last.is_interrupted:
            doubt = f"at {rate:.1f} arrivals/s it cannot be told: {'; '.join(judgement.breaches) or 'no data'}"
        else:
            bracket.learn(rate, has_passed=judgement.has_passed)
        tried.append((rate, "; ".join(judgement.breaches[:3])))
        best = last if judgement.has_passed else best
    chosen = best or last
    if chosen is None:
        raise LoadTestError("the search for capacity made no probe: probes_max is too small")
    (folder / "capacity.json").write_text(json.dumps(tried, indent=1), encoding="utf-8")
    return chosen, list(_lines(profile, bracket, tried, doubt))


def _lines(
    profile: Profile, bracket: Bracket, tried: list[tuple[float, str]], doubt: str
) -> list[Measurement | Series | Remark]:
    lines: list[Measurement | Series | Remark] = []
    evidence = tuple(
        Evidence(kind="hint", text=f"{rate:.1f} arrivals/s: {breaches or 'kept every SLO'}") for rate, breaches in tried
    )
    lines.append(
        Measurement(
            scenario=profile.name,
            endpoint=ALL,
            metric=METRICS["capacity_rps"],
            values=(bracket.passed or 0.0,),
            evidence=evidence,
        )
    )
    if doubt:
        lines.append(inconclusive(profile, f"the search for capacity stopped: {doubt}", "Use more --workers."))
    elif bracket.failed is None:
        lines.append(
            inconclusive(profile, f"no rate up to {bracket.passed:.1f} arrivals/s failed", "Raise search.probes_max.")
        )
    upper = "unknown" if bracket.failed is None else f"{bracket.failed:.1f}"
    text = f"capacity: at least {bracket.passed or 0:.1f} arrivals/s, less than {upper}, from {bracket.probes} probes"
    lines.append(Remark(kind=RemarkKind.NOTE, scenario=profile.name, text=text))
    least = bracket.search.capacity_rps_min
    if least and bracket.failed is not None and bracket.failed <= least:
        lines.append(
            Remark(kind=RemarkKind.FAIL, scenario=profile.name, text=f"{text}; the profile asks for {least:g}")
        )
    return lines


def _probe_folder(folder: Path, number: int) -> Path:
    probe = folder / f"probe-{number:02}"
    probe.mkdir()
    shutil.copy(folder / ROWS_FILE, probe / ROWS_FILE)
    return probe
