"""The accepted matrix of access: one TOML file beside the ledger, written by `reglab probe access --accept`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from reglab.access.audit import SECURITY_HEADERS, Access
from reglab.config.reader import parse_toml, read_text, validated
from reglab.config.suite_parts import Strict
from reglab.errors import AuditError

FILE: Final = "access.toml"
_HEAD: Final = (
    "# Who is let in where, under closed settings, as somebody accepted it. `reglab probe access --accept WHY` writes\n"
    "# it; each line is a decision to be reviewed.\n"
)
_Names = Annotated[tuple[str, ...], Field(strict=False)]


class _File(Strict):
    why: str
    middleware: _Names = ()
    exposed: _Names = ()
    deploy_issues: _Names = ()
    cookies: dict[str, _Names] = {}
    # Each header with the scenarios whose answers lack it.
    header_without: dict[str, _Names] = {}
    answers: dict[str, dict[str, str]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """What was accepted; `is_new` says that nothing ever was."""

    path: Path
    is_new: bool
    middleware: tuple[str, ...] = ()
    exposed: frozenset[str] = frozenset()
    deploy_issues: frozenset[str] = frozenset()
    cookies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    header_without: Mapping[str, frozenset[str]] = field(default_factory=dict)


def matrix_beside(ledger: Path) -> Matrix:
    """Read the matrix that belongs to a ledger. Raises AuditError as `file:line: what is wrong`."""
    path = (ledger.parent if ledger.suffix else ledger) / FILE
    try:
        text = read_text(path, error=AuditError)
    except FileNotFoundError:
        return Matrix(path=path, is_new=True)
    file = validated(parse_toml(text, path=path, error=AuditError), _File, text=text, path=path, error=AuditError)
    return Matrix(
        path=path,
        is_new=False,
        middleware=file.middleware,
        exposed=frozenset(file.exposed),
        deploy_issues=frozenset(file.deploy_issues),
        cookies=dict(file.cookies),
        answers=dict(file.answers),
        header_without={name: frozenset(scenarios) for name, scenarios in file.header_without.items()},
    )


def write_matrix(path: Path, found: Access, *, why: str) -> None:
    """Write what was found as accepted."""
    answers: dict[str, dict[str, str]] = {}
    for cell in found.cells:
        answers.setdefault(cell.scenario, {})[cell.caller] = cell.answer
    lines = [
        _HEAD,
        f"why = {json.dumps(why)}",
        f"middleware = {_array(found.middleware, indent=True)}",
        f"exposed = {_array(sorted({cell.endpoint for cell in found.exposed}))}",
        f"deploy_issues = {_array(sorted({issue.id for issue in found.issues if issue.id}))}",
        "",
        "[cookies]",
        *(f"{json.dumps(name)} = {_array(flags)}" for name, flags in sorted(found.cookies.items())),
        "",
        "[header_without]",
    ]
    for name in SECURITY_HEADERS:
        without = [scenario for scenario in sorted(answers) if name not in found.headers.get(scenario, ())]
        if len(without) < len(answers):
            lines.append(f"{json.dumps(name)} = {_array(without)}")
    lines += ["", "[answers]"]
    for name in sorted(answers):
        cells = ", ".join(f"{json.dumps(caller)} = {json.dumps(answer)}" for caller, answer in answers[name].items())
        lines.append(f"{json.dumps(name)} = {{ {cells} }}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _array(names: tuple[str, ...] | list[str], *, indent: bool = False) -> str:
    parts = [json.dumps(name) for name in names]
    return "[\n" + "".join(f"    {part},\n" for part in parts) + "]" if indent and parts else f"[{', '.join(parts)}]"
