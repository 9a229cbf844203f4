"""Values of a page: another expression for the same passes, another value in its place does not."""

from dataclasses import dataclass, field

import pytest

from reglab.counters.shown_values import SHOWN_VALUES
from reglab.report.records import Evidence, Measurement
from reglab.work.recording.replaced_values import replaced_lines, shown_now

SIZES = ("rows=4", "rows=16")


@dataclass
class _Ledger:
    """Accepted checksums by part."""

    held: dict[str, int] = field(default_factory=dict)

    def parts(self, **_: object) -> tuple[str, ...]:
        """Return the accepted parts."""
        return tuple(self.held)

    def accepted(self, measurement: Measurement) -> int | None:
        """Return what is accepted of a part, the same at each size."""
        return self.held.get(measurement.part)


@dataclass
class _Named:
    name: str = "list-orders"


@dataclass
class _Result:
    scenario: _Named = field(default_factory=_Named)


def _told(accepted: dict[str, int], shown: dict[str, int]) -> set[str]:
    table = {
        (SHOWN_VALUES, part): {
            size: Measurement(metric=SHOWN_VALUES, part=part, variant=size, values=(value,)) for size in SIZES
        }
        for part, value in shown.items()
    }
    return {line.part for line in replaced_lines(_Result(), table, _Ledger(accepted))}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("accepted", "shown", "told"),
    [
        ({"a.html: order.total": 7}, {"a.html: row.total": 7}, set()),
        ({"a.html: order.total": 7}, {"part.html: order.total": 7}, set()),
        ({"a.html: order.total": 7}, {"a.html: order.subtotal": 8}, {"a.html: order.subtotal"}),
        ({"a.html: order.total": 7}, {"b.html: order.subtotal": 8}, set()),
        ({"a.html: order.total": 7}, {}, set()),
        ({}, {"a.html: order.total": 7}, set()),
    ],
    ids=["renamed", "moved", "another value", "another template", "gone", "new"],
)
def test_a_value_in_the_place_of_another_is_told(
    accepted: dict[str, int], shown: dict[str, int], told: set[str]
) -> None:
    """A variable or a template with another name shows the same; a page may show less, or more."""
    assert _told(accepted, shown) == told


def test_what_a_page_shows_for_the_first_time_is_named() -> None:
    """A page that got longer says what came: the code of a door is worth more than so many bytes."""
    seen = Evidence(kind="response", text='page.html: door: "1234"', source="page.html:3")
    cells = {"rows=4": Measurement(metric=SHOWN_VALUES, part="page.html: door", values=(7,), evidence=(seen,))}
    table = {(SHOWN_VALUES, "page.html: door"): cells}
    (told,) = shown_now("a", "rows=4", table, _Ledger())  # type: ignore[arg-type]
    assert (told.text, told.source) == ('shown now, page.html: door: "1234"', "page.html:3")
    assert shown_now("a", "rows=4", table, _Ledger({"page.html: door": 7})) == ()  # type: ignore[arg-type]
    assert shown_now("a", "rows=16", table, _Ledger()) == ()  # type: ignore[arg-type]
