"""Verdicts that hypothesis makes up, with texts as hostile as they come."""

from hypothesis import strategies as st

from reglab.report.findings import Finding
from reglab.report.outcomes import Outcome, worst
from reglab.report.records import Evidence
from reglab.report.verdict import Verdict
from tests.report.example_records import compared, load, suites, work
from tests.report.examples import JUDGED_AT
from tests.report.making import RUN

# What breaks renderings: markup of every kind, fences, cell borders, control characters, other scripts.
HOSTILE_TEXTS = (
    "<script>alert(1)</script>",
    "a | b",
    "```\n# heading",
    "]]> & <!--",
    "@everyone *bold* _x_ ~~no~~",
    "\x00\x08\x1b[31mred",
    "line one\nline two",
    "[link](javascript:alert(1))",
    "заказ 注文 🧾",
    "{{ template }} {% raw %}",
    "'\"` \\",
)
HOSTILE = st.sampled_from(HOSTILE_TEXTS)
TEXT = st.one_of(HOSTILE, st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
WORD = st.from_regex(r"[a-z]{3,8}-[a-z]{3,8}", fullmatch=True)

EVIDENCE = st.builds(
    Evidence,
    kind=st.sampled_from(["statement", "write", "plan", "call", "response", "hint"]),
    text=TEXT,
    count=st.integers(1, 10**6),
    source=TEXT,
    frames=st.lists(TEXT, max_size=3).map(tuple),
    table=TEXT,
)

FINDING = st.builds(
    Finding,
    rule=WORD,
    outcome=st.sampled_from(Outcome),
    expected=TEXT,
    found=TEXT,
    instrument=st.sampled_from(["work", "benchmark", "compare", "load"]),
    scenario=TEXT,
    endpoint=TEXT,
    metric=st.sampled_from(["queries", "seconds", ""]),
    part=TEXT,
    variant=TEXT,
    unit=TEXT,
    evidence=st.lists(EVIDENCE, max_size=3).map(tuple),
    next_step=TEXT,
    reason=TEXT,
    place=TEXT,
    margins=st.just(()),
)


def made_up(findings: list[Finding]) -> Verdict:
    """A verdict of these findings, with real samples and records beside them."""
    records = (work(), suites(), compared(), load())
    return Verdict(
        outcome=worst(finding.outcome for finding in findings),
        findings=tuple(sorted(findings, key=lambda finding: -finding.outcome.severity)),
        samples=(),
        records=records,
        run=RUN,
        folder=f"var/runs/{RUN}",
        policy="0123456789ab",
        judged_at=JUDGED_AT,
    )


VERDICTS = st.lists(FINDING, min_size=1, max_size=8, unique_by=lambda finding: finding.rule).map(made_up)


def hostile() -> Verdict:
    """One failing finding a hostile text, which stands in every field that holds text."""
    return made_up([_hostile(number, text) for number, text in enumerate(HOSTILE_TEXTS)])


def _hostile(number: int, text: str) -> Finding:
    return Finding(
        rule=f"rule-{number}",
        outcome=Outcome.FAIL,
        expected=text,
        found=text,
        scenario=text,
        endpoint=text,
        metric="queries",
        part=text,
        variant=text,
        evidence=(Evidence(kind="statement", text=text, source=text, frames=(text,), table=text),) * 2,
        next_step=text,
        reason=text,
        place=text,
    )
