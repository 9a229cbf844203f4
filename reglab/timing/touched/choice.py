"""Choice of the scenarios that are timed because the change touches what they execute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from reglab.timing.touched.changes import Changes, Function

TOUCHED_MAX: Final = 3
_NAMED: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The scenarios that are timed beside the fixed ones, the most changed first; `left_out` are those that are not."""

    scenarios: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """What a reader of the record has to know; empty where there is nothing to say."""
        parts = []
        if self.scenarios:
            parts.append(f"timed because the change touches what they execute: {', '.join(self.scenarios)}")
        if self.left_out:
            parts.append(f"touched as well, and left out: {_some(self.left_out)}")
        if self.elsewhere:
            parts.append(f"changed outside of functions, where no scenario can be told: {_some(self.elsewhere)}")
        return "; ".join(parts)


def chosen(changes: Changes, executed: Mapping[str, frozenset[Function]], *, fixed: Sequence[str]) -> Choice:
    """Take the scenarios that execute most changed lines; of equal ones those that execute least beside them."""
    lines = {
        name: sum(count for function, count in changes.functions.items() if function in functions)
        for name, functions in executed.items()
    }
    touched = sorted(
        (name for name, count in lines.items() if count and name not in fixed),
        key=lambda name: (-lines[name], len(executed[name])),
    )
    return Choice(
        scenarios=tuple(touched[:TOUCHED_MAX]),
        left_out=tuple(touched[TOUCHED_MAX:]),
        elsewhere=tuple(changes.elsewhere),
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
