"""Renderings for code hosts: each names the file and the line of a cause, in the form that the host reads."""

import json
import re
from collections.abc import Callable

import pytest

from reglab.report.renderings import junit
from reglab.report.renderings.ci import github, gitlab, openmetrics, sarif
from reglab.report.verdict import Verdict
from tests.report.examples import PLANTED, healthy, n_plus_one, slow_under_load
from tests.report.verdicts import hostile


def test_an_annotation_stands_at_the_line_of_its_cause() -> None:
    """GitHub is told file, line and a title, with the statement in the text."""
    first, last = github.render(n_plus_one()).splitlines()
    assert first.startswith("::error file=service/orders/serializers.py,line=27,title=")
    assert "FROM orders_customer" in first
    assert last.startswith("::notice::FAIL: ")


def test_a_hostile_text_opens_no_annotation_of_its_own() -> None:
    """No text of a record begins a line, so none is taken for a command."""
    lines = github.render(hostile()).splitlines()
    assert all(re.match(r"::(error|warning|notice)[ :]", line) for line in lines)


def test_sarif_names_rule_line_and_fingerprint() -> None:
    """A result has its rule, its place, and a fingerprint that a moved line does not change."""
    (run,) = json.loads(sarif.render(n_plus_one()))["runs"]
    (result,) = run["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("service/orders/serializers.py", 27)
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {result["ruleId"]}
    assert result["partialFingerprints"]["cause/v1"]


def test_a_result_without_a_line_has_a_place_all_the_same() -> None:
    """A code host refuses a whole file for one result without a location: a slow load is about the configuration."""
    (run,) = json.loads(sarif.render(slow_under_load()))["runs"]
    places = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]]
    assert places
    assert set(places) == {"pyproject.toml"}


@pytest.mark.parametrize("name", PLANTED)
def test_gitlab_is_given_every_key_that_it_demands(name: str) -> None:
    """An entry has description, check, fingerprint, severity and location, without a line the verdict's file."""
    for entry in json.loads(gitlab.render(PLANTED[name]())):
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["location"]["lines"]["begin"] >= 1


def test_fingerprints_tell_causes_apart() -> None:
    """Two causes have two fingerprints, and the same cause the same one again."""
    entries = [
        json.loads(gitlab.render(each()))[0]["fingerprint"] for each in (n_plus_one, slow_under_load, n_plus_one)
    ]
    assert entries[0] == entries[2] != entries[1]


LABELS = r'\{(?:\w+="(?:[^"\\\n]|\\.)*",?)*\}'


@pytest.mark.parametrize("example", [healthy, n_plus_one])
def test_openmetrics_keeps_its_grammar(example: Callable[[], Verdict]) -> None:
    """Each line is a type, a help or a sample of the family before it, and the last one is the end."""
    *lines, end = openmetrics.render(example()).splitlines()
    families = [line.split()[2] for line in lines if line.startswith("# TYPE ")]
    samples = [line for line in lines if not line.startswith("# ")]
    assert end == "# EOF"
    assert len(families) == len(set(families))
    assert all(re.fullmatch(rf"reglab_\w+{LABELS} [-+.\de]+", line) for line in samples)


def test_openmetrics_has_the_exit_code_and_every_sample() -> None:
    """A dashboard that reads the file alone sees the verdict and each measurement."""
    text = openmetrics.render(n_plus_one())
    assert 'reglab_exit_code{run="20260131T120000Z-9f86d0"} 1' in text
    assert 'scenario="list-orders",endpoint="GET /api/orders/",variant="orders=50"} 53' in text


def test_a_passing_run_annotates_nothing() -> None:
    """Of a pass there is the notice with the totals, and no result."""
    assert github.render(healthy()).startswith("::notice::PASS")
    assert json.loads(gitlab.render(healthy())) == []


def test_junit_names_file_and_line() -> None:
    """A test case of a finding with a source line has it as attributes."""
    assert 'file="service/orders/serializers.py" line="27"' in junit.render(n_plus_one())
