"""Lines of the record of the access audit about settings: guards, cookies, middleware."""

from collections.abc import Iterator
from typing import Final

from reglab.access.audit import Access
from reglab.access.environments import changed, own_guards, with_surroundings
from reglab.access.guards import changes, place_of_guard
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
    changed = list(changes(matrix.guards, found.guards))
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
    yield from ((SETTINGS, part, text) for part, text in impatience(matrix.answered_calls, found.answered_calls))
