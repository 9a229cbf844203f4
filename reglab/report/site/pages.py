"""Site of the history: one static page over all runs, beside the reports of the runs that are still there."""

import shutil
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reglab.report.findings import plural
from reglab.report.history.store import History, PastRun
from reglab.report.history.trends import trends_of
from reglab.report.outcomes import Outcome
from reglab.report.renderings.files import write
from reglab.report.renderings.text import one_line
from reglab.report.site.lines import drawn

_REPORT: Final = "report.html"
_RUNS_DRAWN: Final = 200  # of the latest runs; a longer line is thinner than a pixel a run
_LINES_MAX: Final = 60
_COLOURS: Final = {Outcome.PASS: "#1a7f37", Outcome.FAIL: "#b42318", Outcome.INCONCLUSIVE: "#8a5a00"}


def write_site(history: History, *, runs: Path, folder: Path) -> str:
    """Write `index.html`, `badge.svg` and the runs' own reports into a folder; return what was written, in words.

    Raises HistoryError where there is no history.
    """
    past = list(reversed(history.runs()))
    linked = {run.name for run in past if _copied(runs / run.name / _REPORT, folder / "runs" / run.name)}
    trends = [each for each in trends_of(history.lines(last=_RUNS_DRAWN, still=False)) if each.changes]
    passed = {run.name for run in past if run.outcome == Outcome.PASS.value}
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["line"] = one_line
    page = environment.get_template("site.html").render(
        runs=past,
        linked=linked,
        lines=[drawn(trend, passed=passed) for trend in trends[:_LINES_MAX]],
        left_out=max(0, len(trends) - _LINES_MAX),
        subject=past[0].subject if past else "",
    )
    write(folder / "index.html", page)
    write(folder / "badge.svg", badge(past[0] if past else None))
    return f"{folder / 'index.html'}: {plural(len(past), 'run')}, {plural(len(linked), 'report')}"


def badge(run: PastRun | None) -> str:
    """Return a badge with the outcome of the last run."""
    outcome = Outcome(run.outcome) if run else Outcome.INCONCLUSIVE
    text = outcome.value if run else "no run"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="190" height="20" role="img" '
        f'aria-label="regression lab: {text}"><title>regression lab: {text}</title>'
        '<rect width="105" height="20" rx="3" fill="#57606a"/>'
        f'<rect x="100" width="90" height="20" rx="3" fill="{_COLOURS.get(outcome, "#57606a")}"/>'
        '<g fill="#fff" font-family="Verdana,sans-serif" font-size="11">'
        f'<text x="6" y="14">regression lab</text><text x="108" y="14">{text}</text></g></svg>\n'
    )


def _copied(report: Path, folder: Path) -> bool:
    if not report.is_file():
        return False
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(report, folder / _REPORT)
    return True
