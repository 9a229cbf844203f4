"""Values that Django's templates show: pages and mails have no fields that an answer could be compared by."""

from __future__ import annotations

import re
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self
from unittest import mock

from reglab.counters.engine.definition import CounterMetric, Definition, Layer
from reglab.counters.engine.written_values import shown_values, without_chance
from reglab.metrics import Better
from reglab.report.checksums import UNIT, checksum_of
from reglab.report.records import Evidence, Measurement

if TYPE_CHECKING:
    from reglab.project.source_lines import ProjectFrames

SHOWN_VALUES: Final = CounterMetric(
    name="shown_values",
    unit=UNIT,
    meaning="values with a digit that templates show, by template and expression",
    better=Better.SAME,
    is_parted=True,
    # One more, or one less, is a page that was drawn anew.
    is_held_on_both_sides=True,
    can_grow=False,
)
# A page with more of them than a person would review has one checksum a template.
_PARTS_MAX: Final = 60
_WIDGETS: Final = "django/forms/widgets/"
_ATTRIBUTES: Final = f"{_WIDGETS}attrs.html"
# Of the pages that a framework brings, what they say of rows alone: cells, fields, and what may only be read.
_FRAMEWORKS: Final = re.compile(r"[/\\](?:django|rest_framework)[/\\](?:contrib|forms|views|templates)[/\\]")
_CONTENTS: Final = frozenset({"field.contents"})
_OF_THE_PAGE: Final = ("_FORMS", "select_across", "_selected_action")
# Words about a field, and names within the page, of Django's forms.
_WORDS: Final = re.compile(
    r"(?:^|\.)(?:help_text|label|label_tag|legend_tag|id_for_label|auto_id|html_name|media|attrs|super|name)\b"
)
_DIGIT: Final = re.compile(r"\d")
_NUMBERS: Final = re.compile(r"\d+")
_CLASS: Final = re.compile(r"\s*<\w+ class=\"([A-Za-z][\w -]*)\"")
# Where a page leads to, and how its columns are sorted, is written beside what it shows.
_LINK: Final = re.compile(r"(?:[?&#/]|[a-z][a-z0-9+.-]*://|mailto:|tel:)\S*", re.IGNORECASE)
_INLINE: Final = "(inline)"


class ShownValues:
    """Takes `shown_values`: for each expression of each template a checksum of what it showed, in its order.

    "shop/orders.html: order.total" is the part of `{{ order.total }}`. What has no digit is left out, for it may be a
    word that somebody puts better; so are links, names and attributes of a form's fields, and what chance draws.
    Tags of the project's own count as the values that they return. Other engines than Django's are not seen.
    """

    def __init__(self, *, frames: ProjectFrames) -> None:
        self._frames = frames
        self._values: dict[str, list[str]] = {}
        self._lines: dict[str, str] = {}
        self._inner = 0
        self._undo = ExitStack()

    def __enter__(self) -> Self:
        from django.template.base import VariableNode  # whoever reads a record needs no Django
        from django.template.library import SimpleNode

        for kind, expression_of in ((VariableNode, _expression), (SimpleNode, _tag)):
            self._undo.enter_context(mock.patch.object(kind, "render", self._noting(kind.render, expression_of)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()

    def counts(self) -> tuple[Measurement, ...]:
        """Return one count an expression, sorted; of many, one a template."""
        values, lines = self._values, self._lines
        if len(values) > _PARTS_MAX:
            values, lines = _by_template(values), {}
        return tuple(
            Measurement(
                metric=SHOWN_VALUES,
                part=part,
                values=(checksum_of(shown),),
                evidence=(
                    Evidence(kind="response", text=f"{part}: {shown_values(shown)}", source=lines.get(part, "")),
                ),
            )
            for part, shown in sorted(values.items())
        )

    def _noting(self, render: Any, expression_of: Any) -> Any:
        def noted(node: Any, context: Any) -> Any:
            began = self._inner
            output = render(node, context)
            # Markup that other templates made of their own values says nothing that they do not.
            if self._inner == began and (expression := expression_of(node)):
                self._note(node, context, expression, output)
            self._inner += 1
            return output

        return noted

    def _note(self, node: Any, context: Any, expression: str, output: Any) -> None:
        from django.utils.html import strip_tags

        text = str(output)
        value = without_chance(" ".join(strip_tags(text).split()))
        if not _DIGIT.search(value) or _LINK.fullmatch(value):
            return
        origin = getattr(node, "origin", None)
        template = getattr(origin, "template_name", None) or _INLINE
        if not isinstance(template, str):
            template = _INLINE
        drawn = _CLASS.match(text)
        about = _of_field(context) if template.startswith(_WIDGETS) else f" ({drawn[1]})" if drawn else ""
        is_of_a_framework = bool(_FRAMEWORKS.search(getattr(origin, "name", "") or ""))
        if template == _ATTRIBUTES or (is_of_a_framework and not about and expression not in _CONTENTS):
            return
        part = f"{template}: {expression}{about}"
        self._values.setdefault(part, []).append(value)
        path = self._frames.relative(getattr(origin, "name", "") or "")
        if path and part not in self._lines:
            self._lines[part] = f"{path}:{node.token.lineno}"


def _expression(node: Any) -> str:
    """Return the expression of a node without its quotes' spaces; nothing for a constant and for words of a form."""
    from django.template.base import Variable

    expression = node.filter_expression
    text = " ".join(str(expression.token).split())
    is_constant = not isinstance(expression.var, Variable) or expression.var.literal is not None
    return "" if is_constant or text.startswith("forloop.") or _WORDS.search(text.partition("|")[0]) else text


def _tag(node: Any) -> str:
    return f"{{% {getattr(node.func, '__name__', 'tag')} %}}"


def _of_field(context: Any) -> str:
    """Return which field a widget shows, whatever the number of its form: "form-0-quantity" is "form-#-quantity".

    Empty for what counts forms or chooses rows, which is none of the project's.
    """
    widget = context.get("widget")
    name = widget.get("name", "") if isinstance(widget, dict) else ""
    is_of_the_page = not name or str(name).endswith(_OF_THE_PAGE) or "__prefix__" in str(name)
    return "" if is_of_the_page else f" of {_NUMBERS.sub('#', str(name))}"


def _by_template(values: dict[str, list[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for part, shown in sorted(values.items()):
        found.setdefault(f"{part.partition(': ')[0]}: (all values)", []).extend(shown)
    return found


COUNTER: Final = Definition(
    metrics=(SHOWN_VALUES,), layer=Layer.ANSWERS, make=lambda execution: ShownValues(frames=execution.frames)
)
