"""Requests that meet on the same rows: every pair of writing scenarios, and each reading one with each of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import combinations_with_replacement, product
from typing import Any

from reglab.config.race_schema import Race
from reglab.config.suite import Scenario, SuiteFile
from reglab.errors import AuditError
from reglab.project.endpoints.coverage import Coverage, patterns_in
from reglab.project.requests.binding import bound_values, filled_body, names_in
from reglab.project.requests.raced import is_left_out, is_writing, takes_part, writing_scenarios
from reglab.project.requests.request_builder import prepared
from reglab.project.requests.test_client import Request
from reglab.race.mirrored_rows import mirrored_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """A scenario in a race: its endpoint, and its request on the race's rows, or on these in exchanged roles."""

    scenario: Scenario
    endpoint: str
    requests: tuple[Request, ...]
    is_mirrored: bool = False

    @property
    def name(self) -> str:
        """The scenario's name, and whether it goes the other way."""
        return f"{self.scenario.name}{' back' if self.is_mirrored else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two contestants of one race, or one against itself. Where `is_read`, the left one only reads."""

    race: str
    left: Contestant
    right: Contestant
    is_read: bool = False

    @property
    def name(self) -> str:
        """How records and `--only` call the pair: "cancel-order+change-order"."""
        return f"{self.left.name}+{self.right.name}"

    @property
    def endpoint(self) -> str:
        """Both endpoints in one line."""
        return f"{self.left.endpoint} + {self.right.endpoint}"

    @property
    def is_with_itself(self) -> bool:
        """Whether a scenario meets itself."""
        return self.left.name == self.right.name

    def is_meant_by(self, pattern: str) -> bool:
        """Tell whether a pattern matches the pair in either order, one of its scenarios or endpoints, or the race.

        Of several patterns between commas one is enough.
        """
        mirrored = f"{self.right.name}+{self.left.name}"
        scenarios = (self.left.scenario.name, self.right.scenario.name)
        named = (self.name, mirrored, self.race, "+".join(scenarios), *scenarios)
        names = (*named, self.left.endpoint, self.right.endpoint)
        return any(fnmatchcase(name, one) for one in patterns_in(pattern) for name in names)


def reading_scenarios(file: SuiteFile) -> tuple[Scenario, ...]:
    """Return the scenarios that only read."""
    return tuple(scenario for scenario in file.suite.scenario if not is_writing(scenario))


def pairs_of(file: SuiteFile, race: Race, *, coverage: Coverage, sizes: Mapping[str, int]) -> Iterator[Pair]:
    """Yield every pair of a race, in the suite's order, those of readers last.

    The dataset must be there: the values come from its rows. Raises AuditError where no scenario takes part, or a
    binding finds no row.
    """
    values = _shared_values(file, race, sizes)
    contestants, readers = (
        [
            Contestant(
                scenario=scenario,
                endpoint=coverage.endpoint_by_scenario[scenario.name],
                requests=prepared(file.suite, scenario, bound_values(file, scenario, sizes=values)),
            )
            for scenario in scenarios
            if takes_part(race, scenario) and not is_left_out(file.suite, race, scenario)
        ]
        for scenarios in (writing_scenarios(file.suite), reading_scenarios(file) if race.on else ())
    )
    if not contestants:
        left_out = [one.scenario for one in file.suite.without_race if _leaves_all_out(file, race, one.scenario)]
        remedy = f"[[without_race]] {left_out[0]!r} leaves them out" if left_out else "mend its `on` or `scenarios`"
        raise AuditError(f"{file.path}: no scenario takes part in the race {race.name!r}; {remedy}")
    for left, right in combinations_with_replacement(contestants, 2):
        yield Pair(race=race.name, left=left, right=right)
    for contestant in contestants:
        if (back := _mirrored(file, race, contestant, values)) is not None:
            yield Pair(race=race.name, left=contestant, right=back)
    for reader, writer in product(readers, contestants):
        yield Pair(race=race.name, left=reader, right=writer, is_read=True)


def _leaves_all_out(file: SuiteFile, race: Race, pattern: str) -> bool:
    chosen = [one.name for one in writing_scenarios(file.suite) if takes_part(race, one)]
    return bool(chosen) and any(fnmatchcase(name, pattern) for name in chosen)


def _mirrored(file: SuiteFile, race: Race, contestant: Contestant, values: Mapping[str, Any]) -> Contestant | None:
    """Return a scenario on the race's rows in exchanged roles; None where there are none to exchange."""
    scenario = contestant.scenario
    used = names_in([step.request for step in scenario.all_steps], [step.body for step in scenario.all_steps])
    exchanged = mirrored_values(race, values, used=used)
    if exchanged is None:
        return None
    requests = prepared(file.suite, scenario, bound_values(file, scenario, sizes=exchanged))
    return Contestant(scenario=scenario, endpoint=contestant.endpoint, requests=requests, is_mirrored=True)


def _shared_values(file: SuiteFile, race: Race, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Take the race's rows from the dataset, in order, so that one can be looked for by those before it."""
    values: dict[str, Any] = dict(sizes)
    for name, binding in race.on.items():
        for other in sorted(names_in(binding.filter) - values.keys()):
            if other not in file.suite.bindings:
                raise AuditError(
                    f"{file.path}: race {race.name!r}: the filter of {name!r} names {{{other}}}, which is no row of "
                    "the race before it, no binding of the suite and no axis"
                )
            asking = Scenario(name=race.name, request=f"GET /{{{other}}}")
            values |= bound_values(file, asking, sizes=values)
        filled = binding.model_copy(update={"filter": filled_body(binding.filter, values)})
        asking = Scenario(name=race.name, request=f"GET /{{{name}}}", bindings={name: filled})
        values |= bound_values(file, asking, sizes=values)
    return values
