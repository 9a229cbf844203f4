"""The reference pages say what the commands, schemas, rules and metrics of today say."""

import pytest

from reglab.commands import COMMANDS
from reglab.metrics import METRICS
from reglab.report.policy import read_policy
from tools.reference.pages import FOLDER, pages

PAGES = dict(pages())


@pytest.mark.parametrize("name", PAGES)
def test_each_page_is_up_to_date(name: str) -> None:
    """`python -m tools.reference` would change nothing."""
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name], "run python -m tools.reference"


def test_nothing_is_left_out() -> None:
    """Every command, every rule and every metric has its place."""
    assert all(f"## {command.name}\n" in PAGES["commands.md"] for command in COMMANDS)
    assert all(f"### {rule.name}\n" in PAGES["rules.md"] for rule in read_policy().rule)
    assert all(f"`{name}`" in PAGES["metrics.md"] for name in METRICS)


def test_rules_are_shown_at_work() -> None:
    """At least twelve rules have an example, each what a real planted regression prints."""
    assert PAGES["rules.md"].count("**An example.** The pull request") >= 12
