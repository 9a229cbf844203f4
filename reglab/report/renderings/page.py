"""The verdict as one self-contained HTML page: no script, no network, verdict and findings first."""

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reglab.report.findings import formatted, sentence_of
from reglab.report.outcomes import Outcome
from reglab.report.renderings.sections import sections_of
from reglab.report.renderings.text import lines, one_line
from reglab.report.verdict import Verdict

_SIGNS: Final = {Outcome.PASS: "✓", Outcome.NOTE: "i", Outcome.INCONCLUSIVE: "?", Outcome.FAIL: "✗"}
_TEMPLATES: Final = Path(__file__).with_name("templates")


def render(verdict: Verdict) -> str:
    """Return the page. All texts are escaped by the template; the plots are the only markup that is put in as it is."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=formatted, sentence=sentence_of, line=_line, block=_block, moment=_moment)
    sections = sections_of(verdict)
    return environment.get_template("report.html").render(
        verdict=verdict,
        sections=sections,
        anchors={section.title: section.anchor for section in sections},
        signs=_SIGNS,
        header=verdict.records[0].header if verdict.records else None,
    )


def _line(text: str) -> str:
    """One line, which never breaks between a number and its per cent."""
    return one_line(text).replace(" %", "\N{NO-BREAK SPACE}%")


def _moment(text: str) -> str:
    """Write a time of a record for people: "2026-01-31 12:00:00 UTC"."""
    return one_line(text).replace("T", " ", 1).replace("+00:00", " UTC")


def _block(text: str) -> str:
    return "\n".join(lines(text))
