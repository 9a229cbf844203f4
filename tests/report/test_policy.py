"""The policy file: what is doubtful is refused, in one line, with its place."""

from pathlib import Path

import pytest

from reglab.errors import PolicyError
from reglab.report.policy import POLICY_PATH, read_policy

RECORD = '[[record]]\nfile = "work.jsonl"\ninstrument = "work"\nreason = "r"\n'
RULE = (
    '[[rule]]\nname = "q"\ninstrument = "work"\nmetrics = ["queries"]\ntest = "budget"\nat_most = 3\n'
    'unit = "queries"\nreason = "r"\nnext_step = "n"\n'
)
GOOD = f"schema_version = 1\n{RECORD}{RULE}"


def refused(folder: Path, text: str) -> str:
    path = folder / "policy.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        read_policy(path)
    message = str(caught.value)
    assert "\n" not in message
    return message.removeprefix(f"{path}")


def test_the_projects_own_policy_is_valid() -> None:
    """The policy that gates this project can be read."""
    assert read_policy(POLICY_PATH).rule


def test_a_small_policy_is_valid(tmp_path: Path) -> None:
    """The text that the other tests damage is valid itself."""
    (tmp_path / "policy.toml").write_text(GOOD, encoding="utf-8")
    assert read_policy(tmp_path / "policy.toml").rule[0].name == "q"


@pytest.mark.parametrize(
    ("valid", "damaged", "line", "said"),
    [
        ("at_most = 3", "at_mots = 3", 11, "did you mean 'at_most'?"),
        ("next_step =", "nextstep =", 14, "did you mean 'next_step'?"),
        ('test = "budget"', 'test = "buget"', 10, "did you mean 'budget'?"),
        ('metrics = ["queries"]', 'metrics = ["querys"]', 9, "did you mean 'queries'?"),
        ('instrument = "work"\nmetrics', 'instrument = "wrok"\nmetrics', 8, "did you mean 'work'?"),
        ('instrument = "work"\nmetrics', 'instrument = "load"\nmetrics', 8, "no [[record]] has instrument 'load'"),
        ('unit = "queries"', 'unit = "ms"', 12, "queries is measured in 'queries'"),
        ('unit = "queries"\n', "", 6, "the key 'unit' is missing"),
        ("at_most = 3\n", "", 6, "a budget needs at_most, at_least or equals"),
        ("at_most = 3", 'at_most = "3"', 11, "at_most"),
        ("at_most = 3", "at_most = nan", 11, "at_most"),
        ("at_most = 3", "at_most = 3\nequals = 3", 6, "equals stands alone"),
        ("schema_version = 1", "schema_version = 2", 1, "schema_version"),
        ("schema_version = 1", "shcema_version = 1", 1, "did you mean 'schema_version'?"),
        ('file = "work.jsonl"', 'file = "../work.jsonl"', 3, "file"),
        ('reason = "r"\nnext', "next", 6, "the key 'reason' is missing"),
        ('reason = "r"\nnext', 'reason = ""\nnext', 13, "reason"),
        ("at_most = 3", "at_most = ", 11, "not TOML"),
        (RULE, RULE + RULE, 16, "a second rule for 'q'"),
        (RECORD, RECORD + RECORD, 7, "a second record for 'work.jsonl'"),
        ("[[rule]]", "[[rules]]", 6, "did you mean 'rule'?"),
    ],
)
def test_a_damaged_policy_is_refused_at_its_line(
    tmp_path: Path, valid: str, damaged: str, line: int, said: str
) -> None:
    """Each mistake is refused with the line that it is on, and with the nearest valid word where there is one."""
    message = refused(tmp_path, GOOD.replace(valid, damaged, 1))
    assert message.startswith(f":{line}: "), message
    assert said in message


@pytest.mark.parametrize("test", ["accepted", "same"])
def test_a_sampled_metric_is_never_tested_for_equality(tmp_path: Path, test: str) -> None:
    """A metric that varies by itself cannot be required to be exact: that would raise false alarms."""
    rule = RULE.replace('["queries"]', '["seconds"]').replace('"budget"\nat_most = 3', f'"{test}"')
    message = refused(tmp_path, f"schema_version = 1\n{RECORD}{rule}")
    assert "'seconds' is sampled" in message


def test_a_policy_that_is_not_there_is_said(tmp_path: Path) -> None:
    """A missing policy file is one line, not a traceback."""
    with pytest.raises(PolicyError, match="there is no such policy file"):
        read_policy(tmp_path / "none.toml")
