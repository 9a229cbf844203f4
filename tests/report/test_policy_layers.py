"""Policy in layers: the package's rules, a project's own beside them, and changes by name with a reason."""

import re
from pathlib import Path

import pytest

from reglab.errors import PolicyError
from reglab.report.judge import judge
from reglab.report.outcomes import Outcome
from reglab.report.policy import POLICY_PATH, Policy, chosen_policy, read_policy
from reglab.report.records import Measurement
from reglab.report.rules.base import Rule
from reglab.report.runs import STAGES, declare_stages
from tests.report.making import RUN, healthy_work, queries, written

ROOT = Path(__file__).parents[2]
OWN = """\
schema_version = 1

[[change]]
rule = "slo-latency"
reason = "The reports of this service may take a second."
at_most = 1000

[[rule]]
name = "one-query"
instrument = "work"
scenario = "orders"
metrics = ["queries"]
test = "budget"
at_most = 3
unit = "queries"
reason = "The list is one page."
next_step = "Run reglab audit."
"""


def layered(folder: Path, text: str = OWN, *, program: str = "reglab") -> Policy:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return chosen_policy(None, path, program=program)


def rule(policy: Policy, name: str) -> Rule:
    return next(each for each in policy.rule if each.name == name)


def test_a_projects_rules_stand_beside_the_packages(tmp_path: Path) -> None:
    """A layer adds its rules and keeps every rule of the package."""
    names = {each.name for each in layered(tmp_path).rule}
    assert names == {each.name for each in read_policy().rule} | {"one-query"}


def test_a_rule_is_changed_by_its_name(tmp_path: Path) -> None:
    """A change sets the keys that it names, keeps the others, and is known with its reason."""
    policy = layered(tmp_path)
    changed, package = rule(policy, "slo-latency"), rule(read_policy(), "slo-latency")
    assert (changed.at_most, changed.metrics) == (1000, package.metrics)  # type: ignore[attr-defined]
    assert [(each.sentence, each.reason) for each in policy.changes] == [
        ("slo-latency: at_most 1,000", "The reports of this service may take a second.")
    ]


def test_a_bound_takes_the_place_of_all_bounds(tmp_path: Path) -> None:
    """`equals` in a change is not held against the `at_most` that it replaces."""
    policy = layered(tmp_path, OWN.replace("at_most = 1000", "equals = 7"))
    changed = rule(policy, "slo-latency")
    assert (changed.equals, changed.at_most) == (7, None)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("valid", "damaged", "line", "said"),
    [
        ('rule = "slo-latency"', 'rule = "slo-latncy"', 4, "did you mean 'slo-latency'?"),
        ("at_most = 1000", "tolerance = 0.1", 3, "the rule has no key 'tolerance'"),
        ("at_most = 1000\n", "", 3, "changes nothing"),
        ("at_most = 1000", "at_msot = 1000", 6, "did you mean 'at_most'?"),
        ("at_most = 1000", 'endpoint = "GET /a/"', 6, "unknown key 'endpoint'"),
        ('reason = "The reports of this service may take a second."', 'reason = "so"', 5, "reason"),
        ('reason = "The reports of this service may take a second."\n', "", 3, "the key 'reason' is missing"),
        ('name = "one-query"', 'name = "queries-accepted"', 9, "is a rule of the package; change it in a [[change]]"),
        ("schema_version = 1\n", "schema_version = 1\nextends = false\n", 2, "says why"),
    ],
)
def test_a_layer_that_cannot_be_meant_is_refused(
    tmp_path: Path, valid: str, damaged: str, line: int, said: str
) -> None:
    """A change without a reason, of no rule, or of a key that the rule has not, is refused at its line."""
    with pytest.raises(PolicyError) as caught:
        layered(tmp_path, OWN.replace(valid, damaged, 1))
    assert str(caught.value).startswith(f"{tmp_path / 'own.toml'}:{line}: "), str(caught.value)
    assert said in str(caught.value)


def test_a_change_is_held_against_what_the_rule_can_be(tmp_path: Path) -> None:
    """Margins that leave nothing undecided are refused in a change as they are in a rule."""
    text = OWN.replace("slo-latency", "no-slowdown").replace("at_most = 1000", "fail_above = 0.5")
    with pytest.raises(PolicyError, match="fail_above is not below pass_below"):
        layered(tmp_path, text)


def test_a_policy_may_stand_alone_and_says_why(tmp_path: Path) -> None:
    """`extends = false` leaves out the package's rules, and the reason is carried to the report."""
    head = 'schema_version = 1\nextends = false\nreason = "A trial of one rule."\n'
    record = '[[record]]\nfile = "work.jsonl"\ninstrument = "work"\nreason = "r"\n'
    policy = layered(tmp_path, head + record + OWN[OWN.index("[[rule]]") :])
    assert ([each.name for each in policy.rule], policy.replaced) == (["one-query"], "A trial of one rule.")


def test_texts_name_the_program_that_the_user_has(tmp_path: Path) -> None:
    """A next step speaks of the command that was typed, in rules of both layers."""
    policy = layered(tmp_path, program="python manage.py")
    assert rule(policy, "one-query").next_step == "Run python manage.py audit."
    assert "python manage.py audit --accept" in rule(policy, "queries-accepted").next_step
    assert not [each.name for each in policy.rule if re.search(r"\breglab [a-z]", each.next_step)]


def test_the_projects_own_policy_is_a_layer() -> None:
    """The orders service's policy can be laid over the package's, and only it names the summary and the seed."""
    own = chosen_policy(None, ROOT / "reports" / "policy.toml")
    assert {"summary-one-query", "seed-bulk"} < {each.name for each in own.rule}
    package = POLICY_PATH.read_text(encoding="utf-8")
    assert not [word for word in ("summary", "seed", "selectors", "customer", "manage.py") if word in package]


def work_run(folder: Path, *lines: Measurement) -> Path:
    with written(folder / RUN, "work") as writer:
        for line in lines or healthy_work():
            writer.write(line)
    return folder / RUN


def test_a_stage_that_was_not_started_leaves_no_record(tmp_path: Path) -> None:
    """Of a gate whose project has a work audit alone, no other record is asked for."""
    folder = work_run(tmp_path)
    declare_stages(folder, ["work"])
    missing = [found for found in judge(folder, read_policy()).findings if found.rule == "record-missing"]
    assert not missing


def test_a_stage_that_was_started_and_left_no_record_is_no_pass(tmp_path: Path) -> None:
    """A record whose stage the gate has started is missed: inconclusive, and it names the file."""
    folder = work_run(tmp_path)
    declare_stages(folder, ["work", "load"])
    (missing,) = [found for found in judge(folder, read_policy()).findings if found.rule == "record-missing"]
    assert (missing.outcome, missing.place) == (Outcome.INCONCLUSIVE, str(folder / "load.jsonl"))


def test_a_record_that_a_policy_requires_is_missed_whatever_was_started(tmp_path: Path) -> None:
    """`required = true` asks for a record in every run."""
    record = '[[record]]\nfile = "load.jsonl"\ninstrument = "load"\nrequired = true\nreason = "r"\n'
    verdict = judge(work_run(tmp_path), layered(tmp_path, f"schema_version = 1\n{record}"))
    assert "record-missing" in {found.rule for found in verdict.findings}


def test_a_run_without_a_gate_says_what_was_judged(tmp_path: Path) -> None:
    """Records that no gate has made are a verdict of these instruments only, and it says so."""
    assert judge(work_run(tmp_path), read_policy()).summary.partition(";")[0].endswith(", work only")


def test_a_list_of_stages_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """Where it is not known what must be there, nothing is judged."""
    folder = work_run(tmp_path)
    (folder / STAGES).write_text("{", encoding="utf-8")
    with pytest.raises(Exception, match=r"stages\.json: cannot be read"):
        judge(folder, read_policy())


def test_a_changed_rule_decides_as_changed(tmp_path: Path) -> None:
    """A rule whose breach was changed to a note keeps its finding and lets it decide nothing."""
    text = OWN[: OWN.index("[[rule]]")].replace("slo-latency", "queries-accepted")
    text = text.replace("at_most = 1000", 'breach = "note"')
    folder = work_run(tmp_path, queries("orders", "orders=5", 4, accepted=3))
    outcomes = [
        found.outcome
        for policy in (read_policy(), layered(tmp_path, text))
        for found in judge(folder, policy).findings
        if found.rule == "queries-accepted"
    ]
    assert outcomes == [Outcome.FAIL, Outcome.NOTE]
