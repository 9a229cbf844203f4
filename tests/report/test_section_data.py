"""Parts of a verdict, each in its section of the page."""

from dataclasses import replace

from reglab.report.history.trends import trends_of
from reglab.report.outcomes import Outcome
from reglab.report.renderings.html.section_data import REST, material_of
from reglab.report.renderings.html.sections import sections_of
from reglab.report.verdict import Verdict
from tests.report.example_records import LIST
from tests.report.examples import healthy, n_plus_one
from tests.report.making import sample
from tests.report.test_trends import QUANTITY, points


def with_silent_endpoints(verdict: Verdict, count: int) -> Verdict:
    """Add counts that were kept, each of another endpoint, as races leave them."""
    counted = [replace(sample(0, scenario=f"race-{number}"), endpoint=f"race {number}") for number in range(count)]
    return replace(verdict, samples=(*verdict.samples, *counted))


def test_endpoints_that_tell_nothing_share_one_section() -> None:
    """A hundred endpoints with nothing but counts that were kept are one section, and none of their counts is lost."""
    materials = material_of(with_silent_endpoints(healthy(), 100))
    assert not [name for name in materials if name.startswith("race ")]
    shown = {each.endpoint for each in materials[REST].samples}
    assert {f"race {number}" for number in range(100)} <= shown


def test_an_endpoint_with_an_open_finding_has_its_own_section() -> None:
    """What somebody has to read is never in the section of the rest."""
    verdict = with_silent_endpoints(n_plus_one(), 3)
    broken = replace(verdict.findings[0], outcome=Outcome.INCONCLUSIVE, scenario="race-1", endpoint="race 1")
    materials = material_of(replace(verdict, findings=(*verdict.findings, broken)))
    assert {LIST, "race 1"} <= materials.keys()
    assert not materials[REST].open_findings


def test_every_sample_stands_in_exactly_one_section() -> None:
    """The page leaves no measurement out and shows none twice."""
    verdict = with_silent_endpoints(n_plus_one(), 5)
    shown = [each.identity for material in material_of(verdict).values() for each in material.samples]
    assert sorted(shown) == sorted(each.identity for each in verdict.samples)


def test_a_page_shows_the_lines_that_moved_most_and_counts_the_others() -> None:
    """Of a hundred lines that moved thirty are shown, and the table says how many are not."""
    lines = {replace(QUANTITY, part=f"part {number}"): points(1.0, 2.0) for number in range(100)}
    verdict = replace(healthy(), trends=tuple(trends_of(lines)))
    tables = [table for section in sections_of(verdict) for table in section.tables if table.caption == "Past runs"]
    (rows,) = [table.rows for table in tables]
    assert (len(rows), rows[-1][0].partition(" lines")[0]) == (31, "70 more")
