"""The verdict as JUnit XML: a test suite a rule, a test case a finding, so that CI systems show each."""

import re
from typing import Final

from junitparser import Error as Undecided
from junitparser import Failure, JUnitXml, Skipped, TestCase, TestSuite

from reglab.report.causes.cause import place_of_finding
from reglab.report.findings import Finding, sentence_of
from reglab.report.outcomes import Outcome
from reglab.report.verdict import Verdict

# Characters that XML 1.0 cannot hold at all, not even escaped: https://www.w3.org/TR/xml/#charsets
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(verdict: Verdict) -> str:
    """Return the verdict as JUnit XML: fail is a failure, inconclusive an error, a note is skipped."""
    document = JUnitXml(_xml(f"regression-lab {verdict.run}"))
    cases: dict[str, list[TestCase]] = {}
    for finding in verdict.findings:
        cases.setdefault(finding.rule, []).append(_case(finding))
    for rule, its_cases in cases.items():
        suite = TestSuite(_xml(rule))
        suite.add_testcases(its_cases)  # one by one, the suite would count all of them again each time
        suite.timestamp = verdict.judged_at
        document.add_testsuite(suite)
    document.update_statistics()  # type: ignore[no-untyped-call]
    text: bytes = document.tostring()  # type: ignore[no-untyped-call]
    return f"{text.decode('utf-8')}\n"


def _case(finding: Finding) -> TestCase:
    case = TestCase(name=_xml(f"{finding.subject} {finding.quantity}".strip()), classname=_xml(finding.rule), time=0.0)
    message = _xml(f"expected {finding.expected}, found {finding.found}")
    if place := place_of_finding(finding):
        # Attributes that GitLab, Jenkins and others read; the schema of JUnit has none for a line.
        case._elem.set("file", _xml(place.file))  # noqa: SLF001  # the library knows no such attribute
        case._elem.set("line", str(place.line))  # noqa: SLF001
    result = {Outcome.FAIL: Failure, Outcome.INCONCLUSIVE: Undecided, Outcome.NOTE: Skipped}.get(finding.outcome)
    if result is None:
        return case
    explanation = result(message)
    explanation.text = _xml(_told(finding))
    case.result = [explanation]
    return case


def _told(finding: Finding) -> str:
    lines = [
        f"endpoint: {finding.endpoint}" if finding.endpoint else "",
        f"expected: {finding.expected}",
        f"found: {finding.found}",
        *(f"evidence: {sentence_of(each)}" for each in finding.evidence),
        f"next step: {finding.next_step}" if finding.next_step else "",
        f"place: {finding.place}" if finding.place else "",
        f"reason: {finding.reason}" if finding.reason else "",
    ]
    return "\n".join(line for line in lines if line)


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
