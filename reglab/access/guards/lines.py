"""Lines of the record of the access audit about settings: guards, cookies, middleware."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from reglab.access.audit import Access
from reglab.access.guards.environments import changed, own_guards, with_surroundings
from reglab.access.guards.settings import changes, place_of_guard
from reglab.access.lapses.patience import impatience
from reglab.access.matrix import Matrix
from reglab.metrics import METRICS
from reglab.report.records import Evidence, Measurement

SETTINGS: Final = "(settings)"


def guards_changed(found: Access, matrix: Matrix) -> Iterator[Measurement]:
    """Yield each guard that is not as accepted, under the closed settings and in other environments."""
    yield from _guards_elsewhere(found, matrix)
    if matrix.guards is None:
        return
    changed = [*changes(matrix.guards, found.guards), *_moved(matrix.middleware, found.middleware)]
    for name, text in changed:
        yield Measurement(
            scenario=SETTINGS,
            metric=METRICS["guards_changed"],
            part=name,
            values=(1,),
            evidence=(Evidence(kind="hint", text=text, source=place_of_guard(name)),),
        )
    if not changed:
        yield Measurement(scenario=SETTINGS, metric=METRICS["guards_changed"], values=(0,))


def _moved(accepted: Sequence[str], found: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Give the middleware that stands elsewhere among the others: what comes before a guard is not guarded by it."""
    before, after = ([one for one in names if one in other] for names, other in ((accepted, found), (found, accepted)))
    while before != after:
        # The fewest moves: what has to go for the rest to be in order.
        moved = max(after, key=lambda one: _in_order([x for x in before if x != one], [x for x in after if x != one]))
        before.remove(moved)
        place = after.index(moved)
        after.remove(moved)
        where = f"before {after[place]}" if place < len(after) else "last"
        yield moved, f"the middleware {moved} stands {where} now: what comes after it no longer sees what it answers"


def _in_order(before: Sequence[str], after: Sequence[str]) -> int:
    return sum(block.size for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks())


def _guards_elsewhere(found: Access, matrix: Matrix) -> Iterator[Measurement]:
    closed = (
        with_surroundings(matrix.guards or {}, middleware=matrix.middleware),
        with_surroundings(found.guards, middleware=found.middleware),
    )
    for environment, own in found.environments.items():
        # What was never accepted is told in a note.
        for name, text in changed(matrix.environments.get(environment, own_guards(own, closed[0])), own, closed=closed):
            yield Measurement(
                scenario=SETTINGS,
                metric=METRICS["guards_changed"],
                part=f"{environment}: {name}",
                values=(1,),
                evidence=(Evidence(kind="hint", text=f"in {environment}, {text}"),),
            )


def settings_gone(found: Access, matrix: Matrix) -> Iterator[tuple[str, str, str]]:
    """Give each flag of a cookie, and each middleware, that was accepted and is gone."""
    for name, flags in matrix.cookies.items():
        for flag in flags:
            if name in found.cookies and flag not in found.cookies[name]:
                yield SETTINGS, f"cookie {name} {flag}", f"the cookie {name} is no longer {flag}"
    # A middleware that is gone explains what is asked of it, so that it is told first.
    for middleware in matrix.middleware:
        if middleware not in found.middleware:
            yield SETTINGS, middleware, f"the middleware {middleware} is no longer installed"
    calls = (
        *impatience(matrix.answered_calls, found.answered_calls, who="with a wrong token"),
        *impatience(matrix.answered_calls_of_nobody, found.answered_calls_of_nobody, who="without a token"),
    )
    # One cause: who counts neither has one count less.
    yield from ((SETTINGS, part, text) for part, text in calls[:1])
