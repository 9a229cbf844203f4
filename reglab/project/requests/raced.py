"""Writing scenarios and the races that they take part in."""

from fnmatch import fnmatchcase
from typing import Final

from reglab.config.race_schema import Race
from reglab.config.suite import Scenario, Suite
from reglab.project.requests.binding import names_in

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def is_writing(scenario: Scenario) -> bool:
    """Tell whether a scenario sends a request that may write."""
    return any(step.method not in SAFE_METHODS for step in scenario.all_steps)


def writing_scenarios(suite: Suite) -> tuple[Scenario, ...]:
    """Return the scenarios with a request that is there to write."""
    return tuple(filter(is_writing, suite.scenario))


def takes_part(race: Race, scenario: Scenario) -> bool:
    """Tell whether a scenario is one of a race's: selected, of one request that clients can send, about its rows."""
    used = used_names(scenario)
    return (
        len(scenario.all_steps) == 1
        and not scenario.is_job
        and any(fnmatchcase(scenario.name, pattern) for pattern in race.scenarios)
        and (not race.on or not used.isdisjoint(race.on))
    )


def is_left_out(suite: Suite, race: Race, scenario: Scenario) -> bool:
    """Tell whether somebody has left a scenario out of a race. One that the race names stands above a pattern."""
    if scenario.name in race.scenarios:
        return any(scenario.name == out.scenario for out in suite.without_race)
    return any(fnmatchcase(scenario.name, out.scenario) for out in suite.without_race)


def used_names(scenario: Scenario) -> set[str]:
    """Return the names that a scenario's requests use, of bindings and axes."""
    return names_in([step.request for step in scenario.all_steps], [step.body for step in scenario.all_steps])


def unraced(suite: Suite) -> tuple[Scenario, ...]:
    """Return the writing scenarios that could take part in a race and do not, and that nobody has left out."""
    return tuple(
        scenario
        for scenario in writing_scenarios(suite)
        if not scenario.is_job
        and len(scenario.all_steps) == 1
        and not any(takes_part(race, scenario) for race in suite.race)
        and not any(fnmatchcase(scenario.name, out.scenario) for out in suite.without_race)
    )
