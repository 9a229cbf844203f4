"""Endpoints of the project that have neither a scenario nor a waiver, and waivers that waive nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from reglab.config.nearest_word import nearest
from reglab.config.suite import Scenario, SuiteFile, Waiver
from reglab.config.suite_parts import JOBS
from reglab.errors import AuditError
from reglab.project.endpoints.discovery import Endpoint, Endpoints
from reglab.project.requests.jobs import job_complaint, job_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The endpoint of each scenario, what nobody covers, and the waivers that match no uncovered endpoint."""

    endpoint_by_scenario: dict[str, str]
    uncovered: tuple[Endpoint, ...]
    idle_waivers: tuple[Waiver, ...]


def coverage_of(file: SuiteFile, endpoints: Endpoints) -> Coverage:
    """Hold the suite against the URLconf. Raises AuditError with file and line for a request that no URL answers."""
    covered: set[tuple[str, str]] = set()
    endpoint_by_scenario: dict[str, str] = {}
    for index, scenario in enumerate(file.suite.scenario):
        for number, step in enumerate(scenario.all_steps):
            if step.method in JOBS:
                if wrong := job_complaint(step):
                    raise file.complaint(wrong, "scenario", index, *_place(scenario, number))
                endpoint_by_scenario[scenario.name] = job_name(step)
                continue
            path = endpoints.path_of(step.path)
            if path is None:
                said = _no_such_endpoint(step.path, endpoints)
                raise file.complaint(said, "scenario", index, *_place(scenario, number))
            covered.add((step.method, path))
            endpoint_by_scenario[scenario.name] = f"{step.method} {path}"
    rest = [endpoint for endpoint in endpoints.all if (endpoint.method, endpoint.path) not in covered]
    return Coverage(
        endpoint_by_scenario=endpoint_by_scenario,
        uncovered=tuple(endpoint for endpoint in rest if not _is_waived(endpoint, file.suite.waiver)),
        idle_waivers=tuple(waiver for waiver in file.suite.waiver if not any(_waives(waiver, one) for one in rest)),
    )


def _place(scenario: Scenario, number: int) -> tuple[str | int, ...]:
    return ("steps", number, "request") if scenario.steps else ("request",)


def selected(scenarios: Iterable[Scenario], coverage: Coverage, only: str) -> tuple[Scenario, ...]:
    """Return the scenarios whose name, or whose endpoint, with its method or its path alone, a pattern matches.

    `only` has several between commas; none where one of them matches nothing.
    """
    found: set[str] = set()
    everything = tuple(scenarios)
    for pattern in patterns_in(only):
        chosen = [one for one in everything if _is_chosen(one, coverage.endpoint_by_scenario[one.name], pattern)]
        if not chosen:
            return ()
        found.update(one.name for one in chosen)
    return tuple(one for one in everything if one.name in found)


def patterns_in(only: str) -> list[str]:
    """Return the patterns that stand between commas."""
    return [pattern for one in only.split(",") if (pattern := one.strip())] or [only]


def _is_chosen(scenario: Scenario, endpoint: str, pattern: str) -> bool:
    return any(fnmatchcase(name, pattern) for name in _names_of(scenario, endpoint))


def _names_of(scenario: Scenario, endpoint: str) -> tuple[str, str, str]:
    return scenario.name, endpoint, endpoint.partition(" ")[2]


def nothing_matches(file: SuiteFile, only: str) -> AuditError:
    """Return the error of a pattern that selects nothing, with the nearest name."""
    names = [scenario.name for scenario in file.suite.scenario]
    return AuditError(f"{file.path}: no scenario and no endpoint matches {only!r}{nearest(only, names)}")


def _no_such_endpoint(path: str, endpoints: Endpoints) -> str:
    known = sorted({endpoint.path for endpoint in endpoints.all})
    return f"no URL of the project answers {path}{nearest(path, known)}"


def _is_waived(endpoint: Endpoint, waivers: Iterable[Waiver]) -> bool:
    return any(_waives(waiver, endpoint) for waiver in waivers)


def _waives(waiver: Waiver, endpoint: Endpoint) -> bool:
    return endpoint.method in waiver.methods and fnmatchcase(endpoint.path, waiver.endpoint)
