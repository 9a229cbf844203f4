"""Lists of runs, and what differs between two, as lines for a terminal of any width or a log."""

import math
import textwrap
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Final

from reglab.metrics import Assumption
from reglab.report.causes.cause import Cause
from reglab.report.findings import formatted, plural
from reglab.report.history.run_differences import Difference, Move, Turn
from reglab.report.history.store import PastRun
from reglab.report.records import Record
from reglab.report.renderings.headlines import headline, place_of, shown_at
from reglab.report.renderings.text import one_line
from reglab.report.runs import Concluded

_CAUSES_MAX: Final = 10
_MOVES_MAX: Final = 20
_TURNS_MAX: Final = 10
_INDENT: Final = "  "


def runs(
    past: Sequence[PastRun], alone: Mapping[str, Concluded | None], *, gone: Container[str] = (), width: int = 120
) -> str:
    """List the runs, the latest last: those of the history, and those whose folder alone is there.

    Of a run that is `gone` only the history is left: no other command finds its folder.
    """
    told = {each.name: (_of_history(each, is_gone=each.name in gone), each.summary) for each in past}
    told |= {name: (name, found.summary if found else "not judged") for name, found in alone.items()}
    if not told:
        return "no runs yet\n"
    lines = (line for name in sorted(told, key=_by_time) for line in _folded(told[name], width))
    return "\n".join(lines) + "\n"


def _by_time(name: str) -> tuple[bool, str]:
    """Sort ids, which begin with their time, behind the names that somebody has given."""
    return name[:1].isdigit(), name


def _of_history(run: PastRun, *, is_gone: bool) -> str:
    words = (run.name, run.revision[:12], " ".join(run.pins), "folder gone" if is_gone else "")
    return " · ".join(filter(None, words))


def _folded(told: tuple[str, str], width: int) -> Iterator[str]:
    name, summary = told
    yield one_line(name)
    yield from textwrap.wrap(
        one_line(summary), width, initial_indent=_INDENT, subsequent_indent=_INDENT, break_on_hyphens=False
    )


def difference(found: Difference, *, width: int = 120) -> str:
    """Show two runs side by side: causes that came or went, other findings that turned, then what moved."""
    lines = [f"baseline {found.baseline}", f"candidate {found.candidate}"]
    if not found.comparable:
        lines.append("measured on different machines, interpreters or databases: only counts of work compare")
    lines += _causes("new", found.new_causes, found.records)
    lines += _causes("gone", found.gone_causes, found.records)
    if found.causes_in_both:
        lines.append(f"{plural(found.causes_in_both, 'cause')} in both")
    lines += _some([_turn(each) for each in found.turns], _TURNS_MAX, "more finding", "turned")
    exact = [each for each in found.moves if each.metric.assumption is not Assumption.SAMPLED]
    lines += _some([_move(each) for each in exact], _MOVES_MAX, "more quantity", "moved, each less")
    if sampled := len(found.moves) - len(exact):
        lines.append(
            f"{formatted(sampled)} of the sampled differ, as in two runs of one code: see `reglab report trend`"
        )
    if len(lines) == 2:
        lines.append("no finding turned and nothing moved")
    return "\n".join(part for line in lines for part in _wrapped(line, width)) + "\n"


def _wrapped(line: str, width: int) -> list[str]:
    return textwrap.wrap(one_line(line), width, subsequent_indent=_INDENT, break_on_hyphens=False)


def _causes(kind: str, causes: Sequence[Cause], records: Iterable[Record]) -> Iterator[str]:
    for cause in causes[:_CAUSES_MAX]:
        words = (headline(cause, records), place_of(cause), shown_at(cause))
        yield f"{kind}: {cause.outcome.value.upper()} {' · '.join(dict.fromkeys(filter(None, words)))}"
    if len(causes) > _CAUSES_MAX:
        yield f"{kind}: {plural(len(causes) - _CAUSES_MAX, 'more cause')}"


def _some(lines: Sequence[str], limit: int, what: str, did: str) -> Iterator[str]:
    yield from lines[:limit]
    if len(lines) > limit:
        yield f"{plural(len(lines) - limit, what)} {did}"


def _turn(turn: Turn) -> str:
    baseline, candidate = ("not there" if each is None else each.value for each in (turn.baseline, turn.candidate))
    return f"{turn.title}: {baseline} → {candidate}"


def _move(move: Move) -> str:
    before, after = ("not measured" if each is None else formatted(each) for each in (move.baseline, move.candidate))
    percent = "" if math.isinf(move.effect) else f" ({100 * move.effect:+.1f} %)"
    return f"{' / '.join(filter(None, move.identity))}: {before} → {after} {move.metric.unit}{percent}"
