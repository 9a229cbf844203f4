"""Flame graph of a difference: where a scenario's time goes at the head, and which functions took longer than before.

Drawn here because the libraries that draw one need a page of scripts of their own (decision 0056).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from typing import Final

from reglab.report.records import Number, Profile
from reglab.report.renderings.scaled import scaled_times
from reglab.report.renderings.text import one_line

_WIDTH: Final = 640.0
_ROW: Final = 17.0
_LETTER: Final = 5.9  # of the font in which the names are written
_NARROWEST: Final = 1.0
_ROWS_MAX: Final = 24
_NOTICEABLE: Final = 0.02  # of the whole: a smaller difference has no colour


@dataclass(slots=True, kw_only=True)
class _Frame:
    """A function below its callers: seconds at base and head, with all that it calls."""

    name: str
    base: float = 0.0
    head: float = 0.0
    below: dict[str, "_Frame"] = field(default_factory=dict)


def difference(*, baseline: Profile, candidate: Profile, title: str) -> str:
    """Draw both profiles as one SVG: width is the head's time, colour and words are the difference to the base."""
    root = _Frame(name="all")
    _add(root, baseline.stacks, is_head=False)
    _add(root, candidate.stacks, is_head=True)
    if root.head <= 0:
        return ""
    boxes = list(_boxes(root, whole=root.head, left=0.0, width=_WIDTH, row=0))
    height = _ROW * (1 + max(row for row, _ in boxes))
    drawn = "".join(box for _, box in boxes)
    name = escape(one_line(title))
    return (
        f'<svg class="flame" viewBox="0 0 {_WIDTH:g} {height:g}" role="img" aria-label="{name}">'
        f"<title>{name}</title>{drawn}</svg>"
    )


def grown_most(*, baseline: Profile, candidate: Profile, limit: int = 3) -> list[str]:
    """Name the functions whose own time grew most, for who does not see the picture."""
    own: dict[str, float] = {}
    for profile, sign in ((baseline, -1), (candidate, 1)):
        for stack, seconds in profile.stacks:
            name = _nearest(stack)
            own[name] = own.get(name, 0.0) + sign * seconds
    ranked = sorted(((seconds, name) for name, seconds in own.items() if name and seconds > 0), reverse=True)
    return [f"{one_line(name)} {_told(seconds)}" for seconds, name in ranked[:limit]]


def _nearest(stack: str) -> str:
    """Return the project's function that a stack ends in or below; a library's where no function of the project is."""
    names = stack.split(";")
    return next((name for name in reversed(names) if " in " in name), names[-1])


def _add(root: _Frame, stacks: tuple[tuple[str, Number], ...], *, is_head: bool) -> None:
    for stack, seconds in stacks:
        frame = root
        for name in ("", *stack.split(";")):
            frame = frame.below.setdefault(name, _Frame(name=name)) if name else frame
            if is_head:
                frame.head += seconds
            else:
                frame.base += seconds


def _boxes(frame: _Frame, *, whole: float, left: float, width: float, row: int) -> Iterator[tuple[int, str]]:
    yield row, _box(frame, whole=whole, left=left, width=width, row=row)
    if row + 1 >= _ROWS_MAX:
        return
    for below in sorted(frame.below.values(), key=lambda each: -each.head):
        share = _WIDTH * below.head / whole
        if share >= _NARROWEST:
            yield from _boxes(below, whole=whole, left=left, width=share, row=row + 1)
            left += share


def _box(frame: _Frame, *, whole: float, left: float, width: float, row: int) -> str:
    difference = frame.head - frame.base
    look = "same"
    if abs(difference) >= _NOTICEABLE * whole:
        look = "grown" if difference > 0 else "shrunk"
    (head,), unit = scaled_times([frame.head])
    said = one_line(f"{frame.name}: {head:.3g} {unit}, {_told(difference)}")
    written = f"{_short(frame.name)} {_told(difference)}" if look != "same" else _short(frame.name)
    letters = int((width - 6) / _LETTER)
    shown = written if len(written) <= letters else f"{written[: letters - 1]}…" if letters > 3 else ""
    text = f'<text x="{left + 3:.1f}" y="{row * _ROW + 12:.1f}">{escape(one_line(shown))}</text>' if shown else ""
    return (
        f'<g><title>{escape(said)}</title><rect class="{look}" x="{left:.1f}" y="{row * _ROW:.1f}" '
        f'width="{max(width - 0.5, 0.5):.1f}" height="{_ROW - 1:g}"/>{text}</g>'
    )


def _short(name: str) -> str:
    """Name the function by itself: the file stands in the words that the pointer shows."""
    return name.rpartition(" in ")[2]


def _told(seconds: float) -> str:
    (value,), unit = scaled_times([seconds])
    return f"{value:+.3g} {unit}"
