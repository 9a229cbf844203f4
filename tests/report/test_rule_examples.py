"""Worked examples of the rules' page: one for each rule of the package, from a record that was measured once."""

from typing import Final

import pytest

from reglab.report.policy import read_policy
from tools.planted.catalogue import regressions, shown_changes
from tools.reference.examples import RECORDS, ExampleError, chosen, examples, printed

# Rules without an example, each with what was tried. A rule that is not of these needs one.
UNSHOWN: Final = {
    "races-ran": "a project that was set to SQLite passed: what cannot be raced there gates nothing",
    "soak-growth-known": "of two soaks one was served with errors by a busy machine, and the other grew for certain",
}
RULES: Final = [rule.name for rule in read_policy().rule]


def test_every_rule_has_an_example() -> None:
    """A rule that is added needs a change that breaks it, really measured, before the page is whole."""
    missing = [name for name in RULES if name not in chosen()]
    assert missing == list(UNSHOWN), (
        "choose a planted change in tests/report/planted/examples.toml, and keep its record"
    )


def test_no_example_is_of_a_rule_that_is_gone() -> None:
    """What is chosen names rules of the package, and changes whose patch can be read."""
    assert set(chosen()) <= set(RULES)
    names = {entry.name for entry in (*regressions(), *shown_changes())}
    assert set(chosen().values()) <= names


@pytest.mark.parametrize("rule", sorted(chosen()))
def test_an_example_says_what_to_do(rule: str) -> None:
    """Each example has the rule's own next step, as the page prints it above."""
    (next_step,) = (each.next_step for each in read_policy().rule if each.name == rule)
    assert " ".join(next_step.split()) in " ".join(printed(rule, chosen()[rule]).split())


def test_a_record_that_shows_another_rule_is_refused() -> None:
    """An example is never of something else than its rule."""
    with pytest.raises(ExampleError, match=r"lost-select-related: its record shows growth-law, expected slo-errors"):
        printed("slo-errors", "lost-select-related")


def test_records_are_small_and_used() -> None:
    """A record that no example and no page shows is not kept, and none is larger than 100 kB."""
    from tests.report.test_planted_pages import TOLD

    kept = {path.name for path in RECORDS.iterdir() if path.is_dir()}
    assert kept == {*chosen().values(), *TOLD}
    assert max(path.stat().st_size for path in RECORDS.glob("*/*.gz")) <= 100_000


def test_the_page_holds_each_example() -> None:
    """What the page shows is what the terminal prints now."""
    shown = examples()
    assert shown.keys() == chosen().keys()
    assert all(text.startswith("**An example.** The pull request “") for text in shown.values())
