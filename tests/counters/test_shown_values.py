"""Values that templates show: told by expression, whatever markup and words stand around them."""

from pathlib import Path

import pytest
from django import forms
from django.template import Context, Engine, Origin, Template
from django.template.library import Library
from django.utils.safestring import mark_safe

from reglab.counters.shown_values import ShownValues
from reglab.project.source_lines import ProjectFrames
from tests.counters.support import values

_HERE = Path(__file__).resolve().parent
_LIST = "{% for row in rows %}<li>{{ row.name }}: {{ row.total }}</li>{% endfor %}"
ROWS = [{"name": "a", "total": 12}, {"name": "b", "total": 7}]


def shown(text: str, **context: object) -> dict[str, int | float]:
    """Render a template inside the counter and return its counts."""
    return counted(text, **context)[0]


def counted(text: str, **context: object) -> tuple[dict[str, int | float], ShownValues]:
    """Render a template inside the counter; return its counts and the counter."""
    origin = Origin(name=str(_HERE / "page.html"), template_name="page.html")
    template = Template(text, origin=origin, engine=Engine())
    with ShownValues(frames=ProjectFrames(base=_HERE)) as counter:
        template.render(Context(context))
    return values(counter), counter


def test_an_expression_is_a_part_and_its_order_counts() -> None:
    """The same rows in another order, or with another total, have another checksum."""
    accepted = shown(_LIST, rows=ROWS)
    assert list(accepted) == ["shown_values page.html: row.total"]
    assert shown(_LIST, rows=ROWS) == accepted
    assert shown(_LIST, rows=ROWS[::-1]) != accepted
    assert shown(_LIST, rows=[ROWS[0], {"name": "b", "total": 8}]) != accepted


def test_markup_and_words_around_a_value_change_nothing() -> None:
    """A class, an element more, and a text that is put better are no other values."""
    other = "<p>At most 100 rows</p>{% for row in rows %}<tr class='x'><td>{{ row.total }}</td></tr>{% endfor %}"
    assert shown(other, rows=ROWS) == shown(_LIST, rows=ROWS)


def test_values_without_a_digit_are_words_and_left_out() -> None:
    """A word may be put better: no number moved."""
    assert shown("{{ word }} {{ empty }}", word="shipped") == {}


@pytest.mark.parametrize("link", ["?o=2.-1", "/orders/12/", "https://shop.example/12", "#row-3", "mailto:a1@b.example"])
def test_a_link_is_left_out(link: str) -> None:
    """Where a heading or a name leads to changes with the order of columns, and says nothing of the rows."""
    assert shown("{{ link }}", link=link) == {}


def test_a_number_behind_a_word_is_no_link() -> None:
    """What is labelled is a value all the same."""
    assert list(shown("{{ said }}", said="Total:12")) == ["shown_values page.html: said"]


def test_the_number_of_a_round_is_left_out() -> None:
    """How far a loop has come is told by the rows that it shows."""
    assert shown("{% for row in rows %}{{ forloop.counter }}{% endfor %}", rows=ROWS) == {}


def test_a_constant_is_the_templates_own_text() -> None:
    """What a template writes between quotes says nothing of the data."""
    assert shown("{{ 'since 1999' }}{{ 5 }}") == {}


def test_a_form_is_compared_by_what_its_fields_hold() -> None:
    """The value of a widget counts, by the field's name; its help, its names and its limits do not."""

    class Order(forms.Form):
        quantity = forms.IntegerField(max_value=99, help_text="Between 1 and 99")

    class Other(forms.Form):
        quantity = forms.IntegerField(max_value=98, help_text="No more than 98")

    first, other = (shown("{{ form.as_p }}", form=kind(initial={"quantity": 3})) for kind in (Order, Other))
    (part,) = first
    assert part.endswith(" of quantity")
    assert first == other
    assert shown("{{ form.as_p }}", form=Order(initial={"quantity": 4})) != first


def test_a_cell_of_a_list_is_told_by_its_class() -> None:
    """A library that hands whole cells to one expression, as the admin does, has a part a column."""
    cells = [mark_safe('<td class="field-total">12</td>'), mark_safe('<td class="field-paid">3</td>')]
    parts = shown("{% for item in items %}{{ item }}{% endfor %}", items=cells)
    assert list(parts) == [
        "shown_values page.html: item (field-paid)",
        "shown_values page.html: item (field-total)",
    ]


def test_a_tag_of_the_project_counts_as_what_it_returns() -> None:
    """A sum that a tag makes is shown by no expression."""
    library = Library()

    @library.simple_tag
    def total_of(rows: list[dict[str, int]]) -> int:
        return sum(row["total"] for row in rows)

    engine = Engine()
    engine.template_builtins.append(library)
    with ShownValues(frames=ProjectFrames(base=_HERE)) as counter:
        Template("{% total_of rows %}", engine=engine).render(Context({"rows": ROWS}))
    assert list(values(counter)) == ["shown_values (inline): {% total_of %}"]


def test_the_evidence_is_the_values_and_the_templates_line() -> None:
    """A reader sees the first values and where they are shown."""
    _, counter = counted("\n\n" + _LIST, rows=ROWS)
    (count,) = counter.counts()
    assert count.evidence[0].text == 'page.html: row.total: "12", "7"'
    assert count.evidence[0].source == "page.html:3"


@pytest.mark.parametrize("number", [1, 2])
def test_what_is_drawn_by_chance_is_not_compared(number: int) -> None:
    """A nonce in a page is another one after each draw."""
    token = f"{number}aB" * 9
    assert shown("{{ nonce }}", nonce=token) == {}
