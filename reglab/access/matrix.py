"""The accepted matrix of access: one TOML file beside the ledger, written by `reglab probe access --accept`."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from reglab.access.audit import Access
from reglab.access.callers import ONE_MODEL
from reglab.access.guards.environments import own_guards, with_surroundings
from reglab.access.headers import PERMITTING, PROTECTING, by_value, lacking
from reglab.config.ledger_path import beside_ledger, read_beside_ledger
from reglab.config.suite_parts import Strict
from reglab.counters.queries import StatementGroup

FILE: Final = "access.toml"
_HEAD: Final = (
    "# Who is let in where, under closed settings, as somebody accepted it. `reglab probe access --accept WHY` writes\n"
    "# it; each line is a decision to be reviewed.\n"
)
FINGERPRINT_CHARACTERS: Final = 8
_PLAIN: Final = "user"
# Written where they are answered otherwise than a user without any right.
_LIKE_USERS: Final = frozenset({"viewer", "adder", "changer", "deleter", "staff"})
_Names = Annotated[tuple[str, ...], Field(strict=False)]


class _File(Strict):
    why: str
    middleware: _Names = ()
    exposed: _Names = ()
    deploy_issues: _Names = ()
    answered_calls: int | None = None
    answered_calls_of_nobody: int | None = None
    # Whether it says which answers may be kept; one from before does not.
    knows_kept: bool = False
    cookies: dict[str, _Names] = {}
    # Each header with the scenarios whose answers lack it.
    header_without: dict[str, _Names] = {}
    # Each header's values with the scenarios that have them, "*" for all others.
    header_values: dict[str, dict[str, _Names]] = {}
    # The same of headers that let others have an answer.
    permissions: dict[str, dict[str, _Names]] = {}
    # Settings that guard, as text; of a matrix from before they were kept, None.
    guards: dict[str, str] | None = None
    # By endpoint: the classes that are declared before its view.
    doors: dict[str, _Names] = {}
    # By environment: what it has otherwise than these.
    environments: dict[str, dict[str, str]] = {}
    # By caller and scenario: the fingerprints of the statements, each as often as it was sent; left out where none is.
    statements: dict[str, dict[str, _Names]] = {}
    answers: dict[str, dict[str, str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """What was accepted; `is_new` says that nothing ever was."""

    path: Path
    is_new: bool
    middleware: tuple[str, ...] = ()
    exposed: frozenset[str] = frozenset()
    deploy_issues: frozenset[str] = frozenset()
    answered_calls: int | None = None
    answered_calls_of_nobody: int | None = None
    knows_kept: bool = False
    cookies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    header_without: Mapping[str, frozenset[str]] = field(default_factory=dict)
    header_values: Mapping[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    permissions: Mapping[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    guards: Mapping[str, str] | None = None
    doors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    environments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    statements: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    @property
    def callers(self) -> frozenset[str]:
        """The kinds of callers that somebody has accepted answers of."""
        return frozenset(caller for cells in self.answers.values() for caller in cells)

    def accepted(self, scenario: str, caller: str) -> str | None:
        """Return what was accepted for one cell. A caller who is left out of a scenario is answered as any user."""
        cells = self.answers.get(scenario, {})
        return cells.get(caller) or (cells.get(_PLAIN) if _is_like_users(caller) else None)


def matrix_beside(ledger: Path) -> Matrix:
    """Read the matrix that belongs to a ledger. Raises AuditError as `file:line: what is wrong`."""
    path = beside_ledger(ledger, FILE)
    file = read_beside_ledger(path, _File)
    if file is None:
        return Matrix(path=path, is_new=True)
    return Matrix(
        path=path,
        is_new=False,
        middleware=file.middleware,
        exposed=frozenset(file.exposed),
        deploy_issues=frozenset(file.deploy_issues),
        answered_calls=file.answered_calls,
        answered_calls_of_nobody=file.answered_calls_of_nobody,
        knows_kept=file.knows_kept,
        cookies=dict(file.cookies),
        answers=dict(file.answers),
        header_without={name: frozenset(scenarios) for name, scenarios in file.header_without.items()},
        header_values=dict(file.header_values),
        permissions=dict(file.permissions),
        guards=file.guards,
        doors=dict(file.doors),
        environments=dict(file.environments),
        statements=dict(file.statements),
    )


def lines_of_matrix(ledger: Path) -> Counter[str]:
    """Return the lines of the file that belongs to a ledger, each as often as it is there."""
    path = beside_ledger(ledger, FILE)
    return Counter(path.read_text(encoding="utf-8").splitlines() if path.exists() else ())


def told_as_accepted(ledger: Path, before: Counter[str], *, why: str) -> str:
    """Say how much of the file is another now, and how many answers it holds."""
    matrix, after = matrix_beside(ledger), lines_of_matrix(ledger)
    changed = max((after - before).total(), (before - after).total())
    answers = sum(len(cells) for cells in matrix.answers.values())
    lines = f"{changed} line{'s' * (changed != 1)}"
    return f"{matrix.path}: {lines} of access accepted, {answers} answers to {len(matrix.callers)} callers: {why}"


def write_matrix(path: Path, found: Access, *, why: str) -> None:
    """Write what was found as accepted."""
    answers: dict[str, dict[str, str]] = {}
    for cell in found.cells:
        answers.setdefault(cell.scenario, {})[cell.caller] = cell.answer
    issues = {issue.id for issue in found.issues if issue.id} | {lapse.id for lapse in found.lapses}
    lines = [
        _HEAD,
        f"why = {json.dumps(why)}",
        f"middleware = {_array(found.middleware, indent=True)}",
        f"exposed = {_array(sorted({cell.endpoint for cell in found.exposed}))}",
        f"deploy_issues = {_array(sorted(issues))}",
        f"answered_calls = {found.answered_calls or 0}",
        f"answered_calls_of_nobody = {found.answered_calls_of_nobody or 0}",
        "knows_kept = true",
        "",
        "[cookies]",
        *(f"{json.dumps(name)} = {_array(flags)}" for name, flags in sorted(found.cookies.items())),
        "",
        "[header_without]",
    ]
    for name in PROTECTING:
        without = lacking(found.headers, name)
        if len(without) < len(answers):
            lines.append(f"{json.dumps(name)} = {_array(without)}")
    for table, names, headers in (
        ("header_values", PROTECTING, found.headers),
        ("permissions", PERMITTING, found.permissions),
    ):
        for name in names:
            if values := by_value(headers, name):
                lines += ["", f"[{table}.{json.dumps(name)}]"]
                lines += [f"{json.dumps(value)} = {_array(scenarios)}" for value, scenarios in values.items()]
    lines += ["", "[guards]", *(f"{json.dumps(name)} = {_quoted(value)}" for name, value in found.guards.items())]
    lines += ["", "[doors]"]
    lines += [f"{json.dumps(name)} = {_array(found.doors[name])}" for name in sorted(found.doors) if found.doors[name]]
    closed = with_surroundings(found.guards, middleware=found.middleware)
    for name, own in found.environments.items():
        lines += ["", f"[environments.{json.dumps(name)}]"]
        lines += [f"{json.dumps(guard)} = {_quoted(text)}" for guard, text in own_guards(own, closed).items()]
    for caller, by_scenario in found.statements.items():
        lines += ["", f"[statements.{json.dumps(caller)}]"]
        sent = {name: fingerprints(by_scenario[name]) for name in sorted(by_scenario)}
        lines += [f"{json.dumps(name)} = {_array(statements)}" for name, statements in sent.items() if statements]
    # Each kind of caller stands in one scenario at least: it is known from there on.
    known: set[str] = set()
    lines += ["", "[answers]"]
    for name in sorted(answers):
        told = {
            caller: answer
            for caller, answer in answers[name].items()
            if caller not in known or not _is_like_users(caller) or answer != answers[name].get(_PLAIN)
        }
        known |= told.keys()
        cells = ", ".join(f"{json.dumps(caller)} = {json.dumps(answer)}" for caller, answer in told.items())
        lines.append(f"{json.dumps(name)} = {{ {cells} }}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def fingerprints(groups: Sequence[StatementGroup]) -> list[str]:
    """Return the statements of a request as they are kept: short, each as often as it was sent."""
    return sorted(group.shape.fingerprint[:FINGERPRINT_CHARACTERS] for group in groups for _ in range(group.count))


def _is_like_users(caller: str) -> bool:
    return caller in _LIKE_USERS or caller.startswith(ONE_MODEL)


def _quoted(text: str) -> str:
    """Return a text as TOML: JSON inside it is read more easily between single quotes."""
    return json.dumps(text) if "'" in text or not text.isprintable() else f"'{text}'"


def _array(names: tuple[str, ...] | list[str], *, indent: bool = False) -> str:
    parts = [json.dumps(name) for name in names]
    return "[\n" + "".join(f"    {part},\n" for part in parts) + "]" if indent and parts else f"[{', '.join(parts)}]"
