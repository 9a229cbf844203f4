"""Doors of endpoints: the classes that are declared before a view, of which one may go without a cell that shows it.

Whether a colleague may do what the owner may, and whether a tenth call in a second is answered, depends on rows and on
time; that nobody asks any more is declared.
"""

from collections import Counter
from collections.abc import Iterator

from reglab.access.audit import Access
from reglab.access.matrix import Matrix
from reglab.metrics import METRICS
from reglab.report.records import Evidence, Measurement


def doors_lost(found: Access, matrix: Matrix) -> Iterator[Measurement]:
    """Yield each endpoint with fewer doors than accepted: one that another one replaces is none that is gone."""
    places = {cell.endpoint: cell for cell in found.cells}
    for endpoint, accepted in matrix.doors.items():
        now = found.doors.get(endpoint)
        if now is None or len(now) >= len(accepted) or endpoint not in places:
            continue
        gone = ", ".join((Counter(accepted) - Counter(now)).elements())
        kept = f"; guarded by {', '.join(now)}" if now else "; guarded by nothing"
        yield Measurement(
            scenario=places[endpoint].scenario,
            endpoint=endpoint,
            metric=METRICS["guards_changed"],
            part=gone,
            values=(1,),
            evidence=(
                Evidence(kind="response", text=f"no longer guarded by {gone}{kept}", source=places[endpoint].place),
            ),
        )
