"""The result of a run for a terminal: a table by category, then whatever is not as it should be."""

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import median

from tools.planted.catalogue import Regression
from tools.planted.judgement import Judgement, is_placed
from tools.planted.runner import Judged

_HEADINGS = ("category", "planted", "caught", "wrong cause", "missed", "false alarms", "not run", "seconds")
_COUNTED = (
    (Judgement.CAUGHT, Judgement.PASSED),
    (Judgement.WRONG_CAUSE,),
    (Judgement.MISSED,),
    (Judgement.FALSE_ALARM,),
    (Judgement.NOT_RUN,),
)


_SEEN = (Judgement.CAUGHT, Judgement.WRONG_CAUSE)


def rendered(done: Sequence[Judged]) -> str:
    """Return the table, each entry that is not good with what is wrong, and the sentence that sums up."""
    groups: dict[str, list[Judged]] = {}
    for each in done:
        groups.setdefault(group_of(each), []).append(each)
    rows = [_row(name, group) for name, group in groups.items()]
    lines = [*_aligned([_HEADINGS, *rows, _row("all", done)]), ""]
    for each in done:
        if not each.judgement.is_good:
            lines += [f"{each.judgement.value.upper()} {group_of(each)} · {each.entry.name}", f"  {each.complaint}", ""]
    return "\n".join([*lines, sentence(done)])


def group_of(each: Judged) -> str:
    """Return the category of a regression, or which kind of neutral change it is."""
    entry = each.entry
    return entry.category if isinstance(entry, Regression) else f"neutral: {entry.kind}"


def sentence(done: Sequence[Judged]) -> str:
    """Say in one sentence how many were caught for the right reason, and how many alarms were false.

    What was not run is neither: it is counted apart.
    """
    counts = Counter(each.judgement for each in done)
    ran = [each for each in done if each.judgement is not Judgement.NOT_RUN]
    planted = sum(isinstance(each.entry, Regression) for each in ran)
    neutral = len(ran) - planted
    caught = counts[Judgement.CAUGHT]
    share = f" ({caught / planted:.1%})" if planted else ""
    alarms = counts[Judgement.FALSE_ALARM]
    result = "PASS" if all(each.judgement.is_good for each in done) else "FAIL"
    placed = sum(is_placed(each.entry, each.result.sighting) for each in ran)
    regressions = f"{caught} of {planted} regressions caught with their cause{share}"
    places = f"{placed} at the right endpoint and counter"
    causes = [each.result.sighting.causes for each in ran if each.judgement in _SEEN and each.result.sighting.causes]
    told = f"; told as {median(causes):g} causes in the median, {max(causes)} at most" if causes else ""
    left = f", {len(done) - len(ran)} not run" if len(ran) < len(done) else ""
    return f"{result}: {regressions}{_blind(ran)}, {places}, {alarms} of {neutral} neutral changes failed{left}{told}"


def _blind(ran: Sequence[Judged]) -> str:
    """Count apart what was written by somebody who had not read the gate."""
    blind = [each for each in ran if isinstance(each.entry, Regression) and each.entry.is_blind]
    caught = sum(each.judgement is Judgement.CAUGHT for each in blind)
    return f" ({caught} of the {len(blind)} that were written without the gate)" if blind else ""


def _row(name: str, group: Iterable[Judged]) -> tuple[str, ...]:
    members = list(group)
    counts = Counter(each.judgement for each in members)
    numbers = [sum(counts[judgement] for judgement in judgements) for judgements in _COUNTED]
    seconds = sum(each.result.seconds for each in members)
    return (name, str(len(members)), *map(str, numbers), f"{seconds:.0f}")


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]
