"""A first suite for a project that has none: every endpoint tried on baked rows at two sizes, measured or waived."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from reglab.config.suite import DEFAULT_CLOCK
from reglab.project.data.baking.rows import Baked
from reglab.project.data.databases import MeasuringDatabases, measuring_databases
from reglab.project.data.isolation import stopped_clock
from reglab.project.data.sample_data import build, last_baked
from reglab.project.drafting.framework_pages import framework_outcome
from reglab.project.drafting.login import Access, first_access
from reglab.project.drafting.outcomes import Outcome
from reglab.project.drafting.probe import Observe
from reglab.project.drafting.suite_text import SIZES
from reglab.project.drafting.trier import Trier, checked_at_other_size, try_all
from reglab.project.endpoints.discovery import Endpoint

Say = Callable[[str], None]
_SMALL: Final = SIZES[0]
_LARGE: Final = SIZES[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What became of every endpoint, how requests are sent, and which models have no rows."""

    outcomes: tuple[Outcome, ...]
    access: Access
    baked: Baked

    @property
    def measured(self) -> list[Outcome]:
        """The endpoints that have a scenario."""
        return [one for one in self.outcomes if one.is_measured]

    def counted(self, *, is_get: bool) -> tuple[int, int]:
        """Return how many endpoints are measured, and how many there are: pages of Django's own and 405s left out."""
        chosen = [one for one in self.outcomes if (one.endpoint.method == "GET") == is_get and not one.is_left_out]
        return sum(one.is_measured for one in chosen), len(chosen)

    def reasons(self) -> Mapping[str, int]:
        """Return how many endpoints were waived for each group of reasons, most first."""
        return dict(Counter(one.group for one in self.outcomes if not one.is_measured).most_common())


def drafted(
    endpoints: list[Endpoint],
    *,
    observe: Observe,
    say: Say,
    dataset: Callable[..., Any] = build,
    get_paths: frozenset[str] = frozenset(),
) -> Draft:
    """Try endpoints on rows of two sizes. `get_paths` are all paths that answer GET. Never ends at an endpoint."""
    left_out = {one.name: found for one in endpoints if (found := framework_outcome(one)) is not None}
    tried = [one for one in endpoints if one.name not in left_out]
    with _databases(dataset) as databases:
        say(f"rows={_SMALL}: building the data")
        databases.use({"rows": _SMALL})
        trier = Trier(first_access(), observe=observe, get_paths=get_paths)
        outcomes = try_all(trier, tried, say=say)
        say(f"rows={_LARGE}: building the data")
        databases.use({"rows": _LARGE})
        trier = Trier(trier.access, observe=observe, get_paths=get_paths)
        say(f"sending {len(outcomes)} requests again on {_LARGE} rows of each model")
        outcomes = checked_at_other_size(trier, outcomes, size=_LARGE)
        baked = last_baked()
    found = left_out | {one.endpoint.name: one for one in outcomes}
    return Draft(outcomes=tuple(found[one.name] for one in endpoints), access=trier.access, baked=baked)


@contextmanager
def _databases(dataset: Callable[..., Any]) -> Iterator[MeasuringDatabases]:
    with stopped_clock(DEFAULT_CLOCK), measuring_databases(build=dataset) as databases:
        yield databases
