"""The policy: every budget, threshold and SLO, in layers that are reviewed files, refused where one is doubtful."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from reglab.config.nearest_word import nearest
from reglab.config.reader import PlacedError, TomlFile, read_toml
from reglab.errors import PolicyError
from reglab.metrics import METRICS
from reglab.report.records import Instrument
from reglab.report.rules.accepted import AcceptedRule
from reglab.report.rules.base import STRICT, Text
from reglab.report.rules.budget import BudgetRule
from reglab.report.rules.changes import RuleChange, changed
from reglab.report.rules.invariant import SameRule
from reglab.report.rules.paired import PairedRule
from reglab.report.rules.ratio import RatioRule

POLICY_PATH: Final = Path(__file__).with_name("policy.toml")
_COMMAND: Final = re.compile(r"\breglab (?=[a-z])")  # as a rule's text names a command of this program

AnyRule = Annotated[AcceptedRule | BudgetRule | SameRule | RatioRule | PairedRule, Field(discriminator="test")]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Demand:
    """A record file that a run may hold. One that is `required` must be there in every run, whatever was started."""

    file: Annotated[str, Field(pattern=r"^[\w.-]+\.jsonl$")]
    instrument: Instrument
    reason: Text
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class PolicyFile:
    """One layer. `extends = false`, with the `reason`, stands alone; any other is laid over the package's own rules.

    A layer adds records and rules; `change` alters rules of the layer below by their names.
    """

    schema_version: Literal[1]
    extends: bool = True
    reason: str = ""
    record: tuple[Demand, ...] = ()
    rule: tuple[AnyRule, ...] = ()
    change: tuple[RuleChange, ...] = ()

    @model_validator(mode="after")
    def _gives_reasons(self) -> "PolicyFile":
        if not self.extends and len(self.reason) < 10:
            raise PlacedError("a policy that replaces the package's rules says why, in a key 'reason'", "extends")
        if not self.extends and self.change:
            raise PlacedError("there is no layer below whose rules could be changed", "change")
        return self


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Policy:
    """The layers as one: what a run may hold and what must be true of it. `digest` tells two policies apart.

    `changes` are those that a project's own layer made to the package's rules; `replaced` says why there are none.
    """

    record: tuple[Demand, ...]
    rule: tuple[AnyRule, ...]
    digest: str = ""
    changes: tuple[RuleChange, ...] = ()
    replaced: str = ""

    def spoken(self, program: str) -> "Policy":
        """Return the policy whose texts name the command that the user has."""
        return replace(
            self,
            rule=tuple(replace(rule, next_step=_COMMAND.sub(f"{program} ", rule.next_step)) for rule in self.rule),
        )


def read_policy(path: Path = POLICY_PATH, *, program: str = "reglab") -> Policy:
    """Read one policy file that stands alone. Raises PolicyError with `file:line` where it cannot be trusted."""
    return _whole(_read(path)).spoken(program)


def chosen_policy(named: Path | None, own: Path | None, *, program: str = "reglab") -> Policy:
    """Lay the policy that an option names, else the project's own, over the package's. Raises PolicyError."""
    path = named or own
    package = _read(POLICY_PATH)
    if path is None:
        return _whole(package).spoken(program)
    layer = _read(path)
    policy = _layered(package, layer) if layer.content.extends else _whole(layer)
    return policy.spoken(program)


def _read(path: Path) -> TomlFile[PolicyFile]:
    try:
        file = read_toml(path, PolicyFile, error=PolicyError)
    except FileNotFoundError:
        raise PolicyError(f"{path}: there is no such policy file; name one with --policy") from None
    _refuse_repetitions(file)
    for index, rule in enumerate(file.content.rule):
        if problem := _unit_problem(rule):
            raise file.complaint(f"rule {rule.name!r}: {problem}", "rule", index, "unit")
    return file


def _whole(file: TomlFile[PolicyFile]) -> Policy:
    """Return a layer as the whole policy."""
    content = file.content
    _refuse_orphans(file, content.record)
    for table in ("record", "rule"):
        if not getattr(content, table):
            raise file.complaint(f"the policy has no [[{table}]], and would pass everything")
    return Policy(
        record=content.record,
        rule=content.rule,
        digest=_digest(file),
        replaced="" if content.extends or file.path == POLICY_PATH else content.reason,
    )


def _layered(package: TomlFile[PolicyFile], own: TomlFile[PolicyFile]) -> Policy:
    """Lay a project's own file over the package's."""
    files = {demand.file for demand in own.content.record}
    instruments = {demand.instrument for demand in own.content.record}
    records = (
        *(each for each in package.content.record if each.file not in files and each.instrument not in instruments),
        *own.content.record,
    )
    _refuse_orphans(own, records)
    rules = {rule.name: rule for rule in package.content.rule}
    for index, rule in enumerate(own.content.rule):
        if rule.name in rules:
            problem = "is a rule of the package; change it in a [[change]], with the reason, or name yours otherwise"
            raise own.complaint(f"rule {rule.name!r} {problem}", "rule", index, "name")
    for index, change in enumerate(own.content.change):
        if change.rule not in rules:
            problem = f"the package has no rule {change.rule!r}{nearest(change.rule, rules)}"
            raise own.complaint(problem, "change", index, "rule")
        try:
            rules[change.rule] = changed(rules[change.rule], change)
        except ValueError as error:
            raise own.complaint(f"change {change.rule!r}: {error}", "change", index) from None
    return Policy(
        record=records,
        rule=(*rules.values(), *own.content.rule),
        digest=_digest(package, own),
        changes=own.content.change,
    )


def _digest(*files: TomlFile[PolicyFile]) -> str:
    return hashlib.blake2b("\0".join(file.text for file in files).encode(), digest_size=6).hexdigest()


def _refuse_repetitions(file: TomlFile[PolicyFile]) -> None:
    content = file.content
    tables: tuple[tuple[str, str, list[str]], ...] = (
        ("rule", "name", [rule.name for rule in content.rule]),
        ("change", "rule", [change.rule for change in content.change]),
        ("record", "file", [demand.file for demand in content.record]),
        ("record", "instrument", [demand.instrument for demand in content.record]),
    )
    for table, key, names in tables:
        for name, count in Counter(names).items():
            if count > 1:
                index = len(names) - 1 - names[::-1].index(name)
                raise file.complaint(f"a second {table} for {name!r}; each stands once", table, index, key)


def _refuse_orphans(file: TomlFile[PolicyFile], records: Sequence[Demand]) -> None:
    """Refuse a rule about an instrument whose record no layer names."""
    demanded = {demand.instrument for demand in records}
    for index, rule in enumerate(file.content.rule):
        if rule.instrument not in demanded:
            problem = f"rule {rule.name!r}: no [[record]] has instrument {rule.instrument!r}"
            raise file.complaint(problem, "rule", index, "instrument")


def _unit_problem(rule: AnyRule) -> str:
    """A bound in seconds on a metric in milliseconds would pass everything: the unit is part of the review."""
    if rule.test in {"ratio", "paired"}:
        return "" if rule.unit else "the key 'unit' is missing: say what the ratio is of"
    if not rule.unit:
        is_bounded = rule.test == "budget"
        unit = METRICS[rule.metrics[0]].unit
        return f"the key 'unit' is missing; {rule.metrics[0]} is in {unit!r}" if is_bounded else ""
    odd = next((name for name in rule.metrics if METRICS[name].unit != rule.unit), None)
    return f"unit is {rule.unit!r}, but {odd} is measured in {METRICS[odd].unit!r}" if odd else ""
