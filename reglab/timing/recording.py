"""From a comparison to the lines of its record."""

from collections.abc import Iterator

from reglab.metrics import METRICS
from reglab.report.records import Evidence, Measurement, Profile, Remark, RemarkKind
from reglab.timing.comparison import Comparison
from reglab.timing.pairs import Round
from reglab.timing.variants import BASELINE, CANDIDATE, SENTINEL, Launcher

Line = Measurement | Profile | Remark
# In the order in which a reader wants them: the judged side first.
_DIGITS = 7  # a tenth of a microsecond
SIDES = (CANDIDATE, BASELINE, SENTINEL)


def lines_of(found: Comparison, *, endpoints: dict[str, str], launcher: Launcher) -> Iterator[Line]:
    """Give the remarks, then each scenario's times a side: a value a pair, in seconds, in the order of the pairs."""
    yield from found.remarks
    yield _spent(found, launcher)
    for scenario, pairs in found.pairs.items():
        if not pairs:
            yield Remark(
                kind=RemarkKind.INCONCLUSIVE,
                scenario=scenario,
                text="not one pair was completed",
                next_step="Let the comparison run to its first look.",
            )
            continue
        for side in SIDES:
            rounds = [pair[side] for pair in pairs]
            evidence = found.evidence.get(scenario, ()) if side == CANDIDATE else ()
            yield from _times(rounds, scenario=scenario, endpoint=endpoints[scenario], side=side, evidence=evidence)
        for side, stacks in found.stacks.get(scenario, {}).items():
            if stacks:
                rows = tuple((stack, round(seconds, _DIGITS)) for stack, seconds in stacks.items())
                yield Profile(scenario=scenario, endpoint=endpoints[scenario], variant=side, stacks=rows)


def _times(
    rounds: list[Round], *, scenario: str, endpoint: str, side: str, evidence: tuple[Evidence, ...]
) -> Iterator[Measurement]:
    """Give wall and CPU time; wall decides."""
    yield Measurement(
        scenario=scenario,
        endpoint=endpoint,
        metric=METRICS["seconds"],
        variant=side,
        values=tuple(each.wall_seconds_median for each in rounds),
        evidence=evidence,
    )
    yield Measurement(
        scenario=scenario,
        endpoint=endpoint,
        metric=METRICS["cpu_seconds"],
        variant=side,
        values=tuple(each.cpu_seconds_median for each in rounds),
        gates=False,
    )


def _spent(found: Comparison, launcher: Launcher) -> Remark:
    requests = ", ".join(f"{name} {count}" for name, count in found.requests.items())
    database = "" if launcher.database_url else "; the database's processes are not ours to pin"
    return Remark(
        kind=RemarkKind.NOTE,
        text=f"{found.pairs_taken} pairs in {found.seconds:.0f} s; {launcher.cores.told}{database}; "
        f"requests a round: {requests or 'none'}",
    )
