"""Texts of a drafted suite: who asks, what is bound, every scenario, every waiver."""

import re
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import Table

from reglab.project.drafting.login import Access
from reglab.project.drafting.names import Names
from reglab.project.drafting.outcomes.outcome import Outcome
from reglab.project.drafting.probe import SeenWrite

DATASET: Final = "reglab.project.data.sample_data:build"
SIZES: Final = (4, 8, 16)
SHARED: Final = "suite.toml"
_VERSION: Final = "schema_version = 1\n"
_SAYS_NOTHING: Final = re.compile(r"^(api|rest|v\d+(\.\d+)*|[a-z]{2}(-[a-z]{2})?)$", re.IGNORECASE)
_HEADING: Final = (
    "Drafted by `reglab init`: every request was sent once before it was written down.",
    "Rows are baked for every model at these sizes. `proposed` write-sets are what was seen: review each, then remove",
    "the word. A waiver says what was seen; write a scenario for what matters to you.",
)
_REASON_CHARACTERS: Final = 300
_REASON_MIN: Final = 10


def suite_texts(
    outcomes: Iterable[Outcome], access: Access, *, without: Mapping[str, str] = MappingProxyType({})
) -> dict[str, str]:
    """Return the files of a new suite by name: what all requests share, and one file for each part of the paths.

    Files of their own, so that two branches which add endpoints merge. `without` are counters left out, with reasons.
    """
    outcomes = list(outcomes)
    document = tomlkit.document()
    for line in _HEADING:
        document.add(tomlkit.comment(line))
    document["schema_version"] = 1
    document["dataset"] = DATASET
    if without:
        document["without"] = _inline([{"counter": name, "reason": reason} for name, reason in without.items()])
    if access.is_secure:
        document["https"] = True
    if access.user is not None:
        login = tomlkit.inline_table()
        login.update({"model": access.user["model"], "filter": _inline(access.user["filter"])})
        if access.is_forced:
            login["force"] = True
        document["login"] = login
    if access.headers:
        document["headers"] = _inline(access.headers)
    document["axes"] = {"rows": {"sizes": list(SIZES)}}
    if bindings := _bindings(outcomes, access.bindings or {}):
        document["bindings"] = bindings
    return {SHARED: tomlkit.dumps(document)} | _grouped_texts(outcomes, taken=(), new_bindings={})


def added_texts(
    outcomes: Iterable[Outcome], *, taken: Iterable[str], bound: Iterable[str], files: Iterable[str] = ()
) -> dict[str, str]:
    """Return what is added to a suite for endpoints that are new, by the files' names.

    `taken` are the suite's names, `bound` its bindings, `files` its files: where a part of the paths has its file, a
    new path gets one of its own, so that two branches which add endpoints never write at the same place.
    """
    outcomes = list(outcomes)
    known, there = set(bound), set(files)
    new = {key: value for key, value in _bindings(outcomes, {}).items() if key not in known}
    return _grouped_texts(outcomes, taken=taken, new_bindings=new, there=there)


def joined(texts: Mapping[str, str]) -> str:
    """Return several files' texts as one file's."""
    first, *others = texts.values()
    return "\n".join([first, *(text.replace(_VERSION, "", 1).lstrip("\n") for text in others)])


def scenario_names(outcomes: Iterable[Outcome], taken: Iterable[str] = ()) -> dict[str, Outcome]:
    """Return the outcomes by the names that their scenarios have, or would have: none changes when another goes."""
    names = Names(taken)
    return {names.for_endpoint(one.endpoint.method, _told_path(one)): one for one in outcomes}


def _told_path(outcome: Outcome) -> str:
    if outcome.asked_by:
        return f"{outcome.endpoint.path}/as/{outcome.asked_by}"
    return f"{outcome.endpoint.path}/by/{outcome.filtered_by}" if outcome.filtered_by else outcome.endpoint.path


def _grouped_texts(
    outcomes: list[Outcome], *, taken: Iterable[str], new_bindings: Mapping[str, Any], there: Collection[str] = ()
) -> dict[str, str]:
    names = {id(outcome): name for name, outcome in scenario_names(outcomes, taken).items()}
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        group = group_of(outcome.endpoint.path)
        own = own_name_of(outcome.endpoint.path) if f"{group}.toml" in there else group
        groups.setdefault(own, []).append(outcome)
    texts = {}
    for number, (group, members) in enumerate(sorted(groups.items())):
        document = tomlkit.document()
        document["schema_version"] = 1
        if new_bindings and number == 0:
            document["bindings"] = dict(new_bindings)
        _add_entries(document, members, names)
        texts[f"{group}.toml"] = tomlkit.dumps(document)
    return texts


def group_of(path: str) -> str:
    """Return the file's name for a path: its first word that tells parts of the project apart."""
    words = [word for word in path.split("/") if word and not word.startswith("{")]
    telling = [word for word in words if not _SAYS_NOTHING.match(word)] or words
    name = re.sub(r"[^a-z0-9]+", "-", telling[0].lower()).strip("-") if telling else ""
    return name if name and f"{name}.toml" != SHARED else "root"


def own_name_of(path: str) -> str:
    """Return the name of a file for one path alone: all its words that tell it apart, "orders-reopen"."""
    words = [word for word in path.split("/") if word and not word.startswith("{") and not _SAYS_NOTHING.match(word)]
    return re.sub(r"[^a-z0-9]+", "-", "-".join(words).lower()).strip("-") or group_of(path)


def _bindings(outcomes: Iterable[Outcome], of_access: Mapping[str, Any]) -> dict[str, Any]:
    found = {key: dict(value) for key, value in of_access.items()}
    for outcome in outcomes:
        if outcome.is_measured and outcome.attempt is not None:
            found |= {key: dict(value) for key, value in outcome.attempt.bindings.items()}
    return dict(sorted(found.items()))


def _add_entries(document: TOMLDocument, outcomes: list[Outcome], names: Mapping[int, str]) -> None:
    scenarios, waivers = tomlkit.aot(), tomlkit.aot()
    for outcome in outcomes:
        if outcome.is_measured:
            scenarios.append(_scenario(outcome, names[id(outcome)]))
    for (path, reason), methods in _waivers(outcomes).items():
        table = tomlkit.table()
        table.update({"endpoint": _as_glob(path), "methods": methods, "reason": reason})
        waivers.append(table)
    # An empty array would be written before everything else.
    for key, entries in (("scenario", scenarios), ("waiver", waivers)):
        if entries:
            document[key] = entries


def _scenario(outcome: Outcome, name: str) -> Table:
    attempt = outcome.attempt
    assert attempt is not None  # noqa: S101  # measured outcomes have one
    table = tomlkit.table()
    table.update({"name": name, "request": attempt.request})
    if attempt.login is not None:
        table["login"] = _inline(attempt.login)
    if attempt.headers:
        table["headers"] = _inline(attempt.headers)
    if attempt.body is not None:
        table["body"] = _inline(attempt.body)
        table["content_type"] = attempt.content_type
    if attempt.seen.status != 200:
        table["status"] = attempt.seen.status
    if outcome.endpoint.method != "GET":
        if outcome.writes:
            table["writes"] = write_set_of(outcome.writes)
        table["proposed"] = True
    return table


def write_set_of(writes: Iterable[SeenWrite]) -> Any:
    """Return the table of a scenario's write-set."""
    by_table: dict[str, dict[str, Any]] = {}
    for one in sorted(writes, key=lambda write: (write.table, write.verb)):
        entry = by_table.setdefault(one.table, {})
        entry[one.verb] = f"{one.rows - one.fewer_by}..{one.rows}" if one.fewer_by else one.rows
        if one.verb == "update" and one.columns:
            entry["columns"] = list(one.columns)
    return _inline(by_table)


def _waivers(outcomes: list[Outcome]) -> dict[tuple[str, str], list[str]]:
    """Return the methods by path and reason, so that one reason for several methods stands once."""
    found: dict[tuple[str, str], list[str]] = {}
    for outcome in outcomes:
        # What cannot be measured after all leaves the endpoint that it stands beside measured.
        if not outcome.is_measured and not outcome.is_beside:
            reason = " ".join(outcome.reason.split())[:_REASON_CHARACTERS].ljust(_REASON_MIN, ".")
            found.setdefault((outcome.endpoint.path, reason), []).append(outcome.endpoint.method)
    return found


def _as_glob(path: str) -> str:
    """Escape what a glob would take for a pattern."""
    return "".join(f"[{letter}]" if letter in "[*?" else letter for letter in path)


def _inline(value: Any) -> Any:
    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        for key, inner in value.items():
            table[key] = _inline(inner)
        return table
    if isinstance(value, list | tuple):
        array = tomlkit.array()
        for inner in value:
            array.append(_inline(inner))
        return array
    return value
