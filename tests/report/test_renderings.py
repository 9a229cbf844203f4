"""Properties of every rendering, whatever the findings say."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from junitparser import JUnitXml

from reglab.report.findings import Finding
from reglab.report.outcomes import Outcome
from reglab.report.renderings import markdown, terminal
from reglab.report.renderings.files import RENDERINGS, write
from reglab.report.renderings.html import page
from reglab.report.verdict import Verdict
from tests.report.example_records import COUNT, LIST, at_sizes, work
from tests.report.examples import PLANTED, healthy, judged, n_plus_one, slower_than_baseline
from tests.report.verdicts import VERDICTS, made_up

SCHEMA = Path(__file__).parents[2] / "reglab" / "report" / "verdict-1.json"
_BENCHMARK = ("benchmark.json", "benchmark-bigger.json")
SOME = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # to shrink a whole verdict takes minutes, and says little more
    suppress_health_check=[HealthCheck.too_slow],
)
# What a code host shows are causes, and what Prometheus reads are measurements: they have tests of their own.
OF_CAUSES = ("report.sarif", "gitlab-quality.json")
ALL = {name: render for name, render in RENDERINGS.items() if name not in {*OF_CAUSES, "openmetrics.txt"}}
ALL["terminal"] = lambda verdict: terminal.render(verdict, verbose=True)
# Each of github-action-benchmark's files holds one better direction: the two are one rendering.
ALL["benchmark.json"] = lambda verdict: "".join(RENDERINGS[name](verdict) for name in _BENCHMARK)
del ALL["benchmark-bigger.json"]


@SOME
@given(verdict=VERDICTS)
def test_an_open_finding_is_in_every_rendering_or_in_none(verdict: Verdict) -> None:
    """Each finding that is not a pass is named by every rendering."""
    for name, render in ALL.items():
        text = render(verdict)
        for finding in verdict.open_findings:
            assert finding.rule in text, f"{finding.rule} is not in {name}"


@SOME
@given(verdict=VERDICTS)
def test_a_cause_is_in_every_rendering_of_causes(verdict: Verdict) -> None:
    """Each cause's rule is named to the code hosts, whatever the texts around it, in JSON that parses."""
    for name in OF_CAUSES:
        text = RENDERINGS[name](verdict)
        json.loads(text)
        assert all(cause.first.rule in text for cause in verdict.causes)


@SOME
@given(verdict=VERDICTS)
def test_every_rendering_is_well_formed_whatever_the_texts(verdict: Verdict) -> None:
    """JSON parses and keeps its schema, XML parses and counts what the verdict counts."""
    document = json.loads(RENDERINGS["verdict.json"](verdict))
    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))
    for name in ("bencher.json", "benchmark.json", "benchmark-bigger.json"):
        json.loads(RENDERINGS[name](verdict))
    suites = JUnitXml.fromstring(RENDERINGS["junit.xml"](verdict).encode())
    counts = verdict.counts
    assert (suites.tests, suites.failures, suites.errors) == (
        len(verdict.findings),
        counts[Outcome.FAIL],
        counts[Outcome.INCONCLUSIVE],
    )


@SOME
@given(verdict=VERDICTS)
def test_no_text_moves_the_cursor_of_a_terminal(verdict: Verdict) -> None:
    """Control characters out of a record do not reach the terminal."""
    text = terminal.render(verdict)
    assert {each for each in text if not each.isprintable()} <= {"\n"}


@SOME
@given(verdict=VERDICTS)
def test_no_finding_brings_markup_of_its_own_into_markdown(verdict: Verdict) -> None:
    """A value cannot open a tag, a mention or a link outside of a code fence."""
    prose, fence = [], ""
    for line in markdown.render(verdict).splitlines():
        mark = line.strip().partition("sql")[0] if line.startswith("  ```") else ""
        if mark and not fence:
            fence = mark
        elif fence and line.strip() == fence:
            fence = ""
        elif not fence:
            prose.append(line)
    text = re.sub(r"`[^`\n]*`|\\.", "", "\n".join(prose))  # code spans and escaped characters are inert
    assert not fence
    assert "<script" not in text
    assert "@everyone" not in text
    assert "[link](" not in text


@pytest.mark.parametrize("example", [healthy, slower_than_baseline, *PLANTED.values()])
def test_the_json_of_each_example_keeps_the_published_schema(example: object) -> None:
    """What the schema in docs/ promises holds of real verdicts, samples included."""
    assert callable(example)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(RENDERINGS["verdict.json"](example())), schema)


def test_the_json_keeps_the_evidence_of_what_is_open_alone() -> None:
    """A pass has neither evidence nor cause nor next step; a finding that somebody has to read has all it had."""
    verdict = slower_than_baseline()
    told = json.loads(RENDERINGS["verdict.json"](verdict))["findings"]
    for finding, shown in zip(verdict.findings, told, strict=True):
        passed = finding.outcome is Outcome.PASS
        assert len(shown["evidence"]) == (0 if passed else len(finding.evidence))
        assert (shown["cause"], shown["next_step"]) == (("", "") if passed else (finding.cause, finding.next_step))


def many(count: int) -> Verdict:
    return made_up(
        [
            Finding(rule=f"rule-{number}", outcome=Outcome.FAIL, expected="1", found="2 " * 400, scenario=f"s{number}")
            for number in range(count)
        ]
    )


def test_a_comment_is_never_longer_than_github_takes() -> None:
    """Hundreds of findings are cut to 60,000 characters, and the comment says how many are left out."""
    text = markdown.render(many(400))
    assert len(text) <= 60_000
    assert "did not fit into 60,000 characters" in text


def test_a_comment_that_fits_leaves_nothing_out() -> None:
    """A handful of findings is shown whole."""
    assert "did not fit" not in markdown.render(many(5))


def test_the_terminal_keeps_to_one_screen() -> None:
    """Details are told of three findings; the others keep their row in the table."""
    text = terminal.render(slower_than_baseline())
    assert len(text.splitlines()) <= 40


def test_a_report_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """Where writing fails half-way, the file of before stays and no remnant is left."""
    write(tmp_path / "report.md", "before")
    with pytest.raises(UnicodeEncodeError):
        write(tmp_path / "report.md", "after \ud800")
    assert {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()} == {"report.md": "before"}


def test_what_only_got_better_asks_to_be_accepted() -> None:
    """The page forbids no merge for it, and says what is left to do."""
    fewer = judged(work(list_orders=at_sizes("list-orders", LIST, (COUNT,), (COUNT,), accepted=3)))
    assert fewer.outcome is Outcome.FAIL
    assert page.render(fewer).count("Not yet: accept what got better") == 1
    assert "Not yet" not in page.render(n_plus_one())
