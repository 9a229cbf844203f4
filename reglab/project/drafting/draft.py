"""A first suite for a project that has none: every endpoint tried on baked rows at two sizes, measured or waived."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from reglab.config.suite import DEFAULT_CLOCK, Suite
from reglab.project.data.baking.rows import Baked
from reglab.project.data.databases import MeasuringDatabases, measuring_databases
from reglab.project.data.dataset_sizes import points_of
from reglab.project.data.isolation import stopped_clock
from reglab.project.data.missing_tables import check_tables
from reglab.project.data.sample_data import build, last_baked
from reglab.project.drafting.login import Access, first_access
from reglab.project.drafting.other_rows import Bindings
from reglab.project.drafting.outcomes.framework_pages import framework_outcome
from reglab.project.drafting.outcomes.other_size import checked_at_other_size
from reglab.project.drafting.outcomes.outcome import RAISES, Outcome
from reglab.project.drafting.outcomes.page_frames import without_page_frames
from reglab.project.drafting.probe import Observe
from reglab.project.drafting.queries.filters import filtered_lists
from reglab.project.drafting.queries.ordinary_users import as_ordinary_user
from reglab.project.drafting.suite_text import SIZES
from reglab.project.drafting.trier import Trier, try_all
from reglab.project.endpoints.discovery import Endpoint
from reglab.project.requests.binding import names_in
from reglab.project.test_environment import project_frames

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What became of every endpoint, how requests are sent, and which models have no rows.

    `small` and `large` are the sizes of the data, as they are told.
    """

    outcomes: tuple[Outcome, ...]
    access: Access
    baked: Baked
    small: str
    large: str

    @property
    def measured(self) -> list[Outcome]:
        """The endpoints that have a scenario."""
        return [one for one in self.outcomes if one.is_measured]

    def counted(self, *, is_get: bool) -> tuple[int, int]:
        """Return how many endpoints are measured, and how many there are: pages of Django's own and 405s left out."""
        own = [one for one in self.outcomes if not one.is_beside]
        chosen = [one for one in own if (one.endpoint.method == "GET") == is_get and not one.is_left_out]
        return sum(one.is_measured for one in chosen), len(chosen)

    def reasons(self) -> Mapping[str, int]:
        """Return how many endpoints were waived for each group of reasons: what raises first, then most first."""
        found = Counter(one.group for one in self.outcomes if not one.is_measured).most_common()
        return dict(sorted(found, key=lambda item: item[0] != RAISES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Where a draft tries its requests: what makes the rows, at which two sizes, and who asks (None: found out).

    `bindings` are those that a suite has already.
    """

    dataset: Callable[..., Any] = build
    small: Mapping[str, int] = field(default_factory=lambda: {"rows": SIZES[0]})
    large: Mapping[str, int] = field(default_factory=lambda: {"rows": SIZES[-1]})
    access: Access | None = None
    bindings: Bindings = field(default_factory=dict)


BAKED: Final = Ground()


def ground_of(suite: Suite, dataset: Callable[..., Any]) -> Ground:
    """Return the ground of a suite that is there: its own rows, sizes and log-in."""
    points = points_of(suite.axes)
    login, named = suite.login, names_in(suite.headers)
    access = Access(
        user={"model": login.model, "filter": dict(login.filter)} if login else None,
        headers=dict(suite.headers),
        bindings={key: one.model_dump(exclude_unset=True) for key, one in suite.bindings.items() if key in named},
        has_token=bool(suite.headers),
        is_forced=login is not None and login.force,
        is_secure=suite.https,
    )
    bindings = {key: one.model_dump(exclude_unset=True) for key, one in suite.bindings.items()}
    small, large = points[0].dataset_sizes, points[-1].dataset_sizes
    return Ground(dataset=dataset, small=small, large=large, access=access, bindings=bindings)


def drafted(
    endpoints: list[Endpoint],
    *,
    observe: Observe,
    say: Say,
    ground: Ground = BAKED,
    get_paths: frozenset[str] = frozenset(),
) -> Draft:
    """Try endpoints on rows of two sizes. `get_paths` are all paths that answer GET. Never ends at an endpoint.

    Raises AuditError where the project's models have tables that no migration makes.
    """
    frames = project_frames()
    left_out = {one.name: found for one in endpoints if (found := framework_outcome(one, frames)) is not None}
    tried = [one for one in endpoints if one.name not in left_out]
    with _databases(ground.dataset) as databases:
        check_tables(frames)
        say(f"{_told(ground.small)}: building the data")
        databases.use(ground.small)
        access = ground.access or first_access()
        trier = Trier(access, observe=observe, get_paths=get_paths, bindings=ground.bindings)
        outcomes = without_page_frames(try_all(trier, tried, say=say))
        say("trying filters of lists")
        others = filtered_lists(trier, outcomes)
        say("trying as an ordinary user")
        others += as_ordinary_user(trier, outcomes)
        say(f"{_told(ground.large)}: building the data")
        databases.use(ground.large)
        trier = Trier(trier.access, observe=observe, get_paths=get_paths)
        say(f"sending {len(outcomes)} requests again with {_told(ground.large)}")
        outcomes = checked_at_other_size(trier, outcomes, size=_told(ground.large))
        others = checked_at_other_size(trier, others, size=_told(ground.large))
        baked = last_baked()
    by_name = left_out | {one.endpoint.name: one for one in outcomes}
    own = [by_name[one.name] for one in endpoints]
    beside = [one for one in others if one.is_measured and by_name[one.endpoint.name].is_measured]
    small, large = _told(ground.small), _told(ground.large)
    return Draft(outcomes=(*own, *beside), access=trier.access, baked=baked, small=small, large=large)


def _told(sizes: Mapping[str, int]) -> str:
    return ", ".join(f"{name}={size}" for name, size in sizes.items()) or "the dataset"


@contextmanager
def _databases(dataset: Callable[..., Any]) -> Iterator[MeasuringDatabases]:
    with stopped_clock(DEFAULT_CLOCK), measuring_databases(build=dataset) as databases:
        yield databases
