"""Lines that a suite lacks for an endpoint, with the file that they belong into: scenario, write-set, race."""

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import tomlkit

from reglab.config.suite import Scenario, Suite, SuiteFile
from reglab.config.suite_parts import Binding
from reglab.project.drafting.names import Names
from reglab.project.drafting.suite_text import group_of
from reglab.project.endpoints.coverage import Coverage
from reglab.project.endpoints.discovery import Endpoint
from reglab.project.requests.raced import used_names, writing_scenarios

_HOLE: Final = re.compile(r"\{[^}]*\}")
_CHANGING: Final = ("update", "delete")


def scenario_to_add(file: SuiteFile, endpoint: Endpoint, coverage: Coverage) -> str:
    """Say what to add for an endpoint that no scenario sends: "add to FILE: [[scenario]] …"."""
    name = Names(one.name for one in file.suite.scenario).for_endpoint(endpoint.method, endpoint.path)
    path = file_of(file, endpoint.path)
    request = f"{endpoint.method} {_written_path(file, endpoint.path, coverage)}"
    return f'add to {path}: [[scenario]] / name = "{name}" / request = "{request}"'


def writes_to_add(
    file: SuiteFile, scenario: Scenario, *, table: str, verb: str, rows: Sequence[int], columns: str
) -> str:
    """Say what to add to a scenario that may not write this yet: "add to FILE:LINE: writes.TABLE = …".

    `rows` are those that were written at the sizes that were measured: a line for one of them would fail at the next.
    """
    named = [f'"{name}"' for name in columns.split(", ") if name] if verb == "update" else []
    told = f", columns = [{', '.join(named)}]" if named else ""
    span = str(rows[0]) if min(rows) == max(rows) else f'"{min(rows)}..{max(rows)}"'
    return f"add to {_place_of(file, scenario)}, if it is meant: writes.{table} = {{ {verb} = {span}{told} }}"


def race_to_add(file: SuiteFile, scenario: Scenario) -> str:
    """Say what to add for a writing scenario that is in no race: "add to FILE: [[race]] …"."""
    place = holding_file(file, scenario)
    lines = (line.strip() for line in race_text(file.suite, scenario).splitlines())
    return f"add to {place}: {' / '.join(line for line in lines if line)}; or a [[without_race]] with its reason"


def race_text(suite: Suite, scenario: Scenario) -> str:
    """Return the declaration of a race in which a scenario meets all others that change rows of the same model.

    All bindings of that model stand for one row: the scenario's own.
    """
    own = {**suite.bindings, **scenario.bindings}
    used = [name for name in own if name in used_names(scenario)]
    race: dict[str, Any] = {"name": scenario.name, "scenarios": [scenario.name]}
    on: dict[str, dict[str, Any]] = {}
    for name in used:
        on[name] = _plain(own[name])
        for other, binding in suite.bindings.items():
            if other not in used and binding.model == own[name].model and binding.field == own[name].field:
                on[other] = {"model": binding.model, "filter": {own[name].field: f"{{{name}}}"}}
    race["scenarios"] += [one.name for one in _meeting(suite, scenario, names=on)]
    table = tomlkit.table()
    table.update(race)
    if on:
        rows = tomlkit.table(is_super_table=True)
        for name, row in on.items():
            rows[name] = _table_of(row)
        table["on"] = rows
    document = tomlkit.document()
    races = tomlkit.aot()
    races.append(table)
    document["race"] = races
    return tomlkit.dumps(document)


def holding_file(file: SuiteFile, scenario: Scenario) -> Path:
    """Return the file of a suite that a scenario stands in."""
    return Path(_place_of(file, scenario).rpartition(":")[0])


def file_of(file: SuiteFile, path: str) -> Path:
    """Return the file of a suite that an endpoint belongs into: of a folder the one of its part of the paths."""
    return file.path / f"{group_of(path)}.toml" if file.path.suffix != ".toml" else file.path


def _meeting(suite: Suite, scenario: Scenario, *, names: Mapping[str, Any]) -> Iterable[Scenario]:
    """Return the other scenarios of one request that change rows of a table which this one changes, on these rows.

    Those that somebody has left out of races stay out.
    """
    tables = {table for table, writes in scenario.writes.items() if any(getattr(writes, verb) for verb in _CHANGING)}
    return [
        one
        for one in writing_scenarios(suite)
        if one.name != scenario.name
        and not any(fnmatchcase(one.name, out.scenario) for out in suite.without_race)
        and len(one.all_steps) == 1
        and not used_names(one).isdisjoint(names)
        and any(getattr(one.writes[table], verb) for table in tables & one.writes.keys() for verb in _CHANGING)
    ]


def _place_of(file: SuiteFile, scenario: Scenario) -> str:
    names = [one.name for one in file.suite.scenario]
    return str(file.complaint("", "scenario", names.index(scenario.name), "name")).removesuffix(": ")


def _written_path(file: SuiteFile, path: str, coverage: Coverage) -> str:
    """Spell the parameters as the suite does for the nearest endpoint that it knows."""
    known = {
        coverage.endpoint_by_scenario[one.name].partition(" ")[2]: one.all_steps[-1].path.partition("?")[0]
        for one in file.suite.scenario
        if one.name in coverage.endpoint_by_scenario
    }
    written = path
    for hole in _HOLE.finditer(path):
        head = path[: hole.end()]
        spelled = next((_as_written(head, there, sent) for there, sent in known.items() if there.startswith(head)), "")
        written = spelled + path[hole.end() :] if spelled else written
    return written


def _as_written(head: str, endpoint: str, sent: str) -> str:
    """Return the beginning of what a scenario sends that belongs to the beginning of its endpoint."""
    holes = iter(_HOLE.findall(sent))
    spelled = _HOLE.sub(lambda found: next(holes, found[0]), endpoint)
    return spelled[: len(spelled) - len(endpoint.removeprefix(head))] if sent == spelled else ""


def _plain(binding: Binding) -> dict[str, Any]:
    return binding.model_dump(exclude_unset=True)


def _table_of(values: Mapping[str, Any]) -> Any:
    table = tomlkit.table()
    for key, value in values.items():
        if isinstance(value, Mapping):
            inline = tomlkit.inline_table()
            inline.update(value)
            table[key] = inline
        else:
            table[key] = list(value) if isinstance(value, tuple) else value
    return table
