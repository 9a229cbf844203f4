"""Writes the campaign's figures into docs/reliability.md, between two marks."""

from collections.abc import Sequence
from pathlib import Path

from tools.faults.outcome import Outcome

BEGIN = "<!-- figures of tools/faults: begin -->"
END = "<!-- figures of tools/faults: end -->"
HEAD = (
    "| fault | times | requests | writes acknowledged | lost | answers 500 | answers 503 | slowest liveness, s "
    "| slowest recovery, s | broken promises |"
)


def figures(outcomes: Sequence[Outcome]) -> str:
    """Return the table: one row a fault, and their sum."""
    faults = list(dict.fromkeys(outcome.fault for outcome in outcomes))
    rows = [_row(fault, [outcome for outcome in outcomes if outcome.fault == fault]) for fault in faults]
    lines = [HEAD, "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|", *rows, _row("**all**", outcomes)]
    return "\n".join(lines)


def write(path: Path, outcomes: Sequence[Outcome]) -> None:
    """Replace the figures on the page. Raises ValueError where a mark is missing."""
    text = path.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{path} needs the lines {BEGIN!r} and {END!r}")
    path.write_text(f"{before}{BEGIN}\n{figures(outcomes)}\n{END}{after}", encoding="utf-8")


def _row(name: str, outcomes: Sequence[Outcome]) -> str:
    recoveries = [outcome.recovery_s_max for outcome in outcomes if outcome.recovery_s_max is not None]
    cells = [
        name,
        f"{sum(outcome.times for outcome in outcomes):,}",
        f"{sum(outcome.requests for outcome in outcomes):,}",
        f"{sum(outcome.acknowledged_writes for outcome in outcomes):,}",
        f"{sum(outcome.lost for outcome in outcomes):,}",
        f"{sum(outcome.errors_500 for outcome in outcomes):,}",
        f"{sum(outcome.answers_503 for outcome in outcomes):,}",
        f"{max((outcome.live_s_max for outcome in outcomes), default=0):.2f}",
        f"{max(recoveries):.2f}" if recoveries else "",
        f"{sum(len(outcome.other_faults) for outcome in outcomes):,}",
    ]
    return f"| {' | '.join(cells)} |"
