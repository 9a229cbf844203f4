"""The verdict as one self-contained HTML page: no network, verdict and findings first, charts that zoom."""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reglab.report.findings import formatted, sentence_of
from reglab.report.outcomes import Outcome
from reglab.report.renderings.further_facts import further_statements
from reglab.report.renderings.headlines import (
    advice,
    headline,
    moved,
    notes_by_rule,
    place_of,
    source_of,
    statement_of,
)
from reglab.report.renderings.html.instrument_figures import figures_of
from reglab.report.renderings.html.sections import sections_of
from reglab.report.renderings.text import lines, one_line
from reglab.report.verdict import Verdict

_SIGNS: Final = {Outcome.PASS: "✓", Outcome.NOTE: "i", Outcome.INCONCLUSIVE: "?", Outcome.FAIL: "✗"}
_ANSWERS: Final = {
    Outcome.PASS: "Yes, you may merge",
    Outcome.NOTE: "Yes, you may merge",
    Outcome.INCONCLUSIVE: "Not decided: do not merge yet",
    Outcome.FAIL: "No, do not merge",
}
_ONLY_BETTER: Final = "Not yet: accept what got better"
_TEMPLATES: Final = Path(__file__).with_name("templates")
_UNFOLDED: Final = 3  # so many causes, and endpoints, stand open: the endpoints begin within three screens


def render(verdict: Verdict) -> str:
    """Return the page. The template escapes all texts; only the plots and the page's own script are put in as they are.

    The scripts filter, unfold, and draw charts that zoom; without them the page shows the same. Their digests stand in
    the page's policy, so that no other script runs.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=formatted,
        sentence=sentence_of,
        line=_line,
        block=_block,
        short=_short,
        moment=_moment,
        headline=lambda cause: headline(cause, verdict.records),
        advice=advice,
        further=further_statements,
        place=place_of,
        source=source_of,
        statement=statement_of,
        moved=moved,
    )
    sections = sections_of(verdict)
    has_charts = any(figure.data for section in sections for figure in section.figures)
    names = ("report.js", *(("uPlot.iife.min.js", "charts.js") if has_charts else ()))
    scripts = [(_TEMPLATES / name).read_text(encoding="utf-8") for name in names]
    return environment.get_template("report.html").render(
        verdict=verdict,
        answer=_answer(verdict),
        causes=verdict.causes,
        notes=notes_by_rule(verdict.findings),
        unfolded=_UNFOLDED,
        tiles=figures_of(verdict),
        sections=sections,
        anchors={section.title: section.anchor for section in sections},
        signs=_SIGNS,
        header=verdict.records[0].header if verdict.records else None,
        scripts=scripts,
        script_hashes=[f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}" for text in scripts],
        chart_style=(_TEMPLATES / "uPlot.min.css").read_text(encoding="utf-8") if has_charts else "",
    )


def _answer(verdict: Verdict) -> str:
    failing = [each for each in verdict.causes if each.outcome is Outcome.FAIL]
    return _ONLY_BETTER if failing and all(each.is_better for each in failing) else _ANSWERS[verdict.outcome]


def _line(text: str) -> str:
    """One line, which never breaks between a number and its per cent."""
    return one_line(text).replace(" %", "\N{NO-BREAK SPACE}%")


def _moment(text: str) -> str:
    """Write a time of a record for people: "2026-01-31 12:00:00 UTC"."""
    return one_line(text).replace("T", " ", 1).replace("+00:00", " UTC")


def _short(revision: str) -> str:
    """Write a commit by its first twelve digits, with what is said behind it: "533f15792c67+changes"."""
    return re.sub(r"^([0-9a-f]{12})[0-9a-f]{28}", r"\1", revision)


def _block(text: str) -> str:
    return "\n".join(lines(text))
