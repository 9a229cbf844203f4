"""Changes of a rule by its name: what a project holds otherwise than the package, and why."""

from dataclasses import fields, replace
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import Field, ValidationError
from pydantic.dataclasses import dataclass

from reglab.config.nearest_word import nearest
from reglab.config.suite_parts import Reason
from reglab.report.findings import formatted
from reglab.report.records import Number
from reglab.report.rules.base import STRICT, Rule, Text

AnyChanged = TypeVar("AnyChanged", bound=Rule)
_BOUNDS: Final = frozenset({"at_most", "at_least", "equals"})
_OWN: Final = frozenset({"rule", "reason"})


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class RuleChange:
    """Keys of one rule that are to have another value. A bound takes the place of all bounds of the rule.

    Selectors cannot be changed: what the rule is about stays judged. `breach = "note"` keeps a rule and its findings
    in the report, and lets it decide nothing.
    """

    rule: Text
    reason: Reason
    breach: Literal["fail", "inconclusive", "note"] | None = None
    absent: Literal["fail", "note"] | None = None
    min_samples: Annotated[int, Field(ge=1)] | None = None
    at_most: Number | None = None
    at_least: Number | None = None
    equals: Number | None = None
    tolerance: float | None = None
    slack: float | None = None
    fail_above: float | None = None
    pass_below: float | None = None
    alpha: float | None = None
    looks: tuple[int, ...] | None = None
    next_step: str | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The keys that the change sets, with their new values."""
        own = {each.name: getattr(self, each.name) for each in fields(self) if each.name not in _OWN}
        return {name: value for name, value in own.items() if value is not None}

    @property
    def sentence(self) -> str:
        """The change in one line: "no-slowdown: fail_above 0.03"."""
        said = ", ".join(f"{name} {_written(value)}" for name, value in self.values.items())
        return f"{self.rule}: {said}"


def changed(rule: AnyChanged, change: RuleChange) -> AnyChanged:
    """Return the rule as the change has it. Raises ValueError where the rule has no such key, or refuses the value."""
    values = change.values
    if not values:
        raise ValueError("changes nothing; give it the key that is to have another value")
    known = [each.name for each in fields(rule)]
    if odd := next((name for name in values if name not in known), None):
        changeable = [name for name in known if name in {each.name for each in fields(RuleChange)} - _OWN]
        raise ValueError(f"the rule has no key {odd!r}{nearest(odd, changeable)}")
    if values.keys() & _BOUNDS:
        values = {**{name: None for name in _BOUNDS if name in known}, **values}
    try:
        return replace(rule, **values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = f"{'.'.join(str(part) for part in first['loc'])}: " if first["loc"] else ""
        raise ValueError(f"{where}{first['msg'].removeprefix('Value error, ')}") from None


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(str(each) for each in value)}]"
    return formatted(value) if isinstance(value, int | float) else str(value)
