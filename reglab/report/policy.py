"""The policy: every budget, threshold and SLO, read from one reviewed TOML file and refused where it is doubtful."""

import hashlib
import json
import re
import tomllib
from collections import Counter
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Final, Literal, cast

from pydantic import Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from pydantic_core import ErrorDetails

from reglab.config.toml_lines import line_of
from reglab.errors import PolicyError
from reglab.metrics import METRICS
from reglab.report.rules.accepted import AcceptedRule
from reglab.report.rules.base import STRICT, Instrument, Text
from reglab.report.rules.budget import BudgetRule
from reglab.report.rules.invariant import SameRule
from reglab.report.rules.paired import PairedRule
from reglab.report.rules.ratio import RatioRule

POLICY_PATH: Final = Path(__file__).with_name("policy.toml")

AnyRule = Annotated[AcceptedRule | BudgetRule | SameRule | RatioRule | PairedRule, Field(discriminator="test")]
_KINDS: Final = {
    "accepted": AcceptedRule,
    "budget": BudgetRule,
    "same": SameRule,
    "ratio": RatioRule,
    "paired": PairedRule,
}
_UNKNOWN_KEY: Final = frozenset({"unexpected_keyword_argument", "extra_forbidden"})
_BOUNDED: Final = frozenset({"budget"})


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Demand:
    """A record file that a run must hold. One that is not `required` is judged where it is there."""

    file: Annotated[str, Field(pattern=r"^[\w.-]+\.jsonl$")]
    instrument: Instrument
    reason: Text
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Policy:
    """What a run must hold and what must be true of it. `digest` tells two policies apart."""

    schema_version: Literal[1]
    record: Annotated[tuple[Demand, ...], Field(min_length=1)]
    rule: Annotated[tuple[AnyRule, ...], Field(min_length=1)]
    digest: str = ""


_POLICY: Final = TypeAdapter(Policy)


def read_policy(path: Path = POLICY_PATH) -> Policy:
    """Read and validate a policy file. Raises PolicyError with `file:line` where it cannot be trusted."""
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except FileNotFoundError:
        raise PolicyError(f"{path}: there is no such policy file; name one with --policy") from None
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+), column \d+\)", str(error))
        line = place.group(1) if place else "1"
        raise PolicyError(f"{path}:{line}: not TOML: {str(error).split(' (at ')[0]}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path}: cannot be read: {error}") from None
    data["digest"] = hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
    try:
        # Through JSON, so that strict validation takes a TOML array for a tuple, and nothing else for anything.
        policy = _POLICY.validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        # A misspelt key is two errors, an unknown key and a missing one: the unknown one is the mistake.
        first = min(error.errors(include_url=False), key=lambda each: each["type"] not in _UNKNOWN_KEY)
        raise PolicyError(_complaint(path, text, data, first)) from None
    _refuse_contradictions(path, text, policy)
    return policy


def chosen_policy(named: Path | None, own: Path | None) -> Policy:
    """Read the policy that an option names, else the project's own, else the package's. Raises PolicyError."""
    return read_policy(named or own or POLICY_PATH)


def _complaint(path: Path, text: str, data: dict[str, Any], error: ErrorDetails) -> str:
    """Turn the first validation error into one line with its place and, for a misspelling, the nearest word."""
    location = [part for part in error["loc"] if part not in _KINDS]
    table = str(location[0]) if location else ""
    index = location[1] if len(location) > 1 and isinstance(location[1], int) else None
    key = str(location[2]) if len(location) > 2 else ("" if index is not None else table)
    place = f"{path}:{line_of(text, location)}"
    owner = _name_of(data, table=table, index=index)
    if error["type"] in _UNKNOWN_KEY:
        return f"{place}: {owner}no key is called {key!r}{_nearest(key, _keys_of(data, table=table, index=index))}"
    if error["type"] in {"missing", "missing_argument"}:
        return f"{place}: {owner}the key {key!r} is missing"
    if error["type"] == "union_tag_not_found":
        return f"{place}: {owner}the key 'test' is missing; it is one of {', '.join(_KINDS)}"
    if error["type"] == "union_tag_invalid":
        test = str(data["rule"][index or 0].get("test"))
        line = line_of(text, (table, index or 0, "test"))
        return f"{path}:{line}: {owner}no test is called {test!r}{_nearest(test, list(_KINDS))}"
    message = error["msg"].removeprefix("Value error, ")
    return f"{place}: {owner}{f'{key}: ' if key else ''}{message}{_nearest_value(error)}"


def _nearest_value(error: ErrorDetails) -> str:
    value = error["input"]
    if error["type"] == "literal_error":
        return _nearest(str(value), re.findall(r"'([^']+)'", str(error.get("ctx", {}).get("expected", ""))))
    unknown = [name for name in value if name not in METRICS] if isinstance(value, list) else []
    return _nearest(str(unknown[0]), list(METRICS)) if unknown and "no metric" in error["msg"] else ""


def _nearest(word: str, valid: list[str]) -> str:
    close = get_close_matches(word, valid, n=1, cutoff=0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; valid are {', '.join(valid[:12])}"


def _keys_of(data: dict[str, Any], *, table: str, index: int | None) -> list[str]:
    owner: type = Policy
    if index is not None:
        owner = _KINDS.get(str(data[table][index].get("test")), BudgetRule) if table == "rule" else Demand
    return [field.name for field in fields(cast("Any", owner)) if field.name != "digest"]


def _name_of(data: dict[str, Any], *, table: str, index: int | None) -> str:
    if index is None:
        return ""
    entry = data[table][index]
    name = entry.get("name") or entry.get("file") if isinstance(entry, dict) else None
    return f"{table} {name!r}: " if name else f"{table} {index + 1}: "


def _refuse_contradictions(path: Path, text: str, policy: Policy) -> None:
    """Refuse what is well-formed and yet cannot be meant."""
    tables: tuple[tuple[str, list[str]], ...] = (
        ("rule", [rule.name for rule in policy.rule]),
        ("record", [demand.file for demand in policy.record]),
        ("record", [demand.instrument for demand in policy.record]),
    )
    for table, names in tables:
        for name, count in Counter(names).items():
            if count > 1:
                index = len(names) - 1 - names[::-1].index(name)
                line = line_of(text, (table, index, "name" if table == "rule" else "file"))
                raise PolicyError(f"{path}:{line}: a second {table} for {name!r}; each stands once")
    demanded = {demand.instrument for demand in policy.record}
    for index, rule in enumerate(policy.rule):
        if rule.instrument not in demanded:
            line = line_of(text, ("rule", index, "instrument"))
            raise PolicyError(f"{path}:{line}: rule {rule.name!r}: no [[record]] has instrument {rule.instrument!r}")
        if problem := _unit_problem(rule):
            line = line_of(text, ("rule", index, "unit"))
            raise PolicyError(f"{path}:{line}: rule {rule.name!r}: {problem}")


def _unit_problem(rule: AnyRule) -> str:
    """A bound in seconds on a metric in milliseconds would pass everything: the unit is part of the review."""
    if rule.test in {"ratio", "paired"}:
        return "" if rule.unit else "the key 'unit' is missing: say what the ratio is of"
    if not rule.unit:
        return (
            f"the key 'unit' is missing; {rule.metrics[0]} is in {METRICS[rule.metrics[0]].unit!r}"
            if (rule.test in _BOUNDED)
            else ""
        )
    odd = next((name for name in rule.metrics if METRICS[name].unit != rule.unit), None)
    return f"unit is {rule.unit!r}, but {odd} is measured in {METRICS[odd].unit!r}" if odd else ""
