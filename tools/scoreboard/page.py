"""docs/scoreboard.md, written from the results."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tools.scoreboard.changes import UNCHANGED, Change
from tools.scoreboard.ground import scenarios_left_out
from tools.scoreboard.peers import OURSELVES, Peer
from tools.scoreboard.places import PAGE, SCOREBOARD
from tools.scoreboard.results import Key, Result
from tools.scoreboard.scores import Score, current_results, score
from tools.scoreboard.tables import category_table, matrix, short_table

_OPENING = (SCOREBOARD / "opening.md").read_text(encoding="utf-8")


_LEGEND: Final = (
    "**yes**: the tool's own check failed. *status*: only the test's plain assertion of the answer's status did. "
    "*no*: quiet. *error*: the set-up crashed."
)


def write_page(
    *, peers: Sequence[Peer], changes: Sequence[Change], results: Mapping[Key, Result], path: Path = PAGE
) -> None:
    """Write the page from those results that still hold."""
    holding = current_results(results, peers=peers, changes=changes)
    path.write_text(page(peers=peers, changes=changes, results=holding), encoding="utf-8")


def page(*, peers: Sequence[Peer], changes: Sequence[Change], results: Mapping[Key, Result]) -> str:
    """Return the whole page: summary, set-ups, where each is better, every cell, every error."""
    scores = scores_of(peers, changes=changes, results=results)
    columns = {OURSELVES: "ours", **{peer.name: peer.short for peer in peers}}
    parts = [
        _OPENING.strip(),
        "## In short",
        short_table(scores),
        _notes(scores),
        _left_out(),
        "## By category",
        category_table(scores, changes),
        "## Where another tool is better",
        "\n".join(f"- **{peer.name}**: {peer.better}" for peer in peers),
        _caught_by_others(peers, changes=changes, results=results),
        "## How each was set up",
        "\n".join(_set_up(peer, results) for peer in peers),
        "## Every regression",
        _LEGEND,
        matrix("regression", changes=changes, columns=columns, results=results),
        "## Every neutral change",
        "Here **yes** is a false alarm.",
        matrix("neutral", changes=changes, columns=columns, results=results),
        "## What the failing checks said",
        _signals(columns, changes=changes, results=results),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def scores_of(peers: Sequence[Peer], *, changes: Sequence[Change], results: Mapping[Key, Result]) -> tuple[Score, ...]:
    """Return our own score, then each peer's."""
    names = (OURSELVES, *(peer.name for peer in peers))
    return tuple(score(name, changes=changes, results=results) for name in names)


def _left_out() -> str:
    names = ", ".join(f"`{name}`" for name in scenarios_left_out())
    return f"The suite has since gained {names}: we are asked that too, the other tools are not yet." if names else ""


def _notes(scores: Sequence[Score]) -> str:
    lines = [
        f"- {one.peer}: {one.caught_by_test} of its {one.caught.failed} by the assertion of the status alone."
        for one in scores
        if one.caught_by_test
    ]
    lines += [f"- {one.peer}: in {one.errors} cells the set-up crashed; see below." for one in scores if one.errors]
    lines += [
        f"- {one.peer}, on the unchanged service: {one.baseline.outcome}: {one.baseline.signal}"
        for one in scores
        if one.baseline and one.baseline.outcome != "quiet"
    ]
    return "\n".join(lines)


def _caught_by_others(peers: Sequence[Peer], *, changes: Sequence[Change], results: Mapping[Key, Result]) -> str:
    """Name each regression that a peer caught and we did not."""
    lines = []
    for change in changes:
        ours = results.get((OURSELVES, change.name))
        if change.kind != "regression" or ours is None or ours.outcome == "failed":
            continue
        others = [peer.name for peer in peers if _has_failed(results.get((peer.name, change.name)))]
        lines.append(f"- `{change.name}`: {', '.join(others) if others else 'nobody'}. We: {ours.signal or 'quiet'}")
    return "\n".join(["What we missed or caught for another cause, and who caught it:", "", *lines]) if lines else ""


def _has_failed(result: Result | None) -> bool:
    return result is not None and result.outcome == "failed"


def _set_up(peer: Peer, results: Mapping[Key, Result]) -> str:
    baseline = results.get((peer.name, UNCHANGED))
    said = "not run" if baseline is None else baseline.outcome
    return (
        f"- **{peer.name}** (after {peer.documentation}). {peer.configuration} On the unchanged service: {said}. "
        f"[Its folder](../tools/scoreboard/peers/{peer.name})."
    )


def _signals(columns: Mapping[str, str], *, changes: Sequence[Change], results: Mapping[Key, Result]) -> str:
    lines = []
    for change in changes:
        found = [(peer, result) for peer in columns if (result := results.get((peer, change.name))) and result.signal]
        if found:
            lines += [f"- `{change.name}`: {change.title}", *(f"  - {peer}: `{_code(one)}`" for peer, one in found)]
    return "\n".join(lines)


def _code(result: Result) -> str:
    return result.signal.replace("`", "'")
