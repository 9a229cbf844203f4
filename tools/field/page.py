"""The page of the field tests, docs/field.md, written from the results of every project that was run."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from tools.field.judgements import Judgement, read_judgements
from tools.field.places import PAGE, RECORDS
from tools.field.projects import Project
from tools.field.results import Result, read_results, results_path
from tools.field.steps import AUDITS, INIT, PLANTED, PROBE, PROBES, STEPS

OPENING: Final = """\
# Projects that no one here wrote

Written by `python -m tools.field` from the results in `tools/field/records`; nothing is added by hand. Each project is
installed from the package registry with pinned hashes, in an environment of its own. The harness is installed after it,
and the documented path is followed: `reglab init`, then `reglab audit` three times in fresh processes with other hash
seeds, and once more with an N+1 in the project's own code. `tox -e field` runs the small ones, `python -m tools.field
NAME …` those that are named; both go on where they were stopped. A step that has no row was not run. `--step probe`
executes the audits beyond counting; then what they found is accepted, and the same is asked again.

Seconds are of a machine that did other things as well: the processor's seconds compare better.
"""
_SHOWN: Final = 20
_HEAD: Final = (
    "| project | GET endpoints measured | writing ones | init | three audits | planted N+1 | CPU seconds of init "
    "| memory |"
)


def write_page(projects: Iterable[Project], *, page: Path = PAGE, records: Path = RECORDS) -> None:
    """Write the page; a project without results is named as not run."""
    parts = [OPENING]
    rows, chapters = [], []
    for project in projects:
        results = {result.step: result for result in read_results(results_path(records, project.name))}
        results = {step: results[step] for step in (*STEPS, *PROBES) if step in results}
        rows.append(_row(project, results))
        if results:
            chapters.append(_chapter(project, results, read_judgements(records, project.name)))
    parts.append("\n".join([_HEAD, "|---|---|---|---|---|---|---|---|", *rows]))
    parts.extend(chapters)
    page.write_text("\n\n".join(part.strip() for part in parts) + "\n", encoding="utf-8")


def _row(project: Project, results: dict[str, Result]) -> str:
    name = f"{project.name} {project.version}"
    first = results.get(INIT)
    if first is None:
        return f"| {name} | – | – | not run | | | | |"
    audits = [str(results[step].exit_code) if step in results else "–" for step in AUDITS]
    cells = (
        name,
        _share(*first.gets),
        _share(*first.writes),
        _code(first),
        " ".join(audits),
        _planted(results.get(PLANTED)),
        f"{first.cpu_seconds:.0f}",
        f"{max(result.peak_megabytes for result in results.values()):.0f} MB",
    )
    return f"| {' | '.join(cells)} |"


def _planted(result: Result | None) -> str:
    if result is None:
        return "–"
    if not result.planted_rank:
        return f"exit {result.exit_code}, not found"
    return f"exit {result.exit_code}, finding {result.planted_rank}"


def _chapter(project: Project, results: dict[str, Result], judgements: Sequence[Judgement]) -> str:
    lines = [f"## {project.title}", ""]
    lines += ["| step | day | harness | processes | exit code | seconds | CPU seconds | peak memory | last line |"]
    lines += ["|---|---|---|---|---|---|---|---|---|"]
    lines += [_step(result) for result in results.values()]
    first = results.get(INIT)
    if first and first.waived_by_reason:
        lines += ["", "Not measured:", ""]
        lines += _bullets(f"{count} × {_plain(reason)}" for reason, count in first.waived_by_reason.items())
    if first and first.known:
        lines += ["", f"Known from the first audit, by cause ({len(first.known)}; no more than 60 are kept here):", ""]
        lines += _bullets(map(_plain, first.known))
    if judgements:
        lines += ["", *_judged(judgements)]
    if probe := results.get(PROBE):
        lines += ["", "What the audits beyond counting find at first:", ""]
        lines += _bullets(map(_plain, probe.findings)) or ["nothing"]
    planted = results.get(PLANTED)
    if planted:
        lines += ["", f"The planted N+1 is at `{planted.planted_at}`; the audit's findings:", ""]
        lines += _bullets(map(_plain, planted.findings[:_SHOWN])) or ["none"]
    return "\n".join(lines)


def _judged(judgements: Sequence[Judgement]) -> list[str]:
    number = sum(one.is_true for one in judgements)
    lines = [f"Findings whose code was read: {len(judgements)}, of which {number} are true.", ""]
    return lines + [f"- {'true' if one.is_true else 'FALSE'}: {_plain(one.finding)}. {one.why}" for one in judgements]


def _step(result: Result) -> str:
    late = " (stopped)" if result.is_timed_out else ""
    return (
        f"| {result.step} | {result.date} | {result.digest} | {result.workers} | {result.exit_code}{late} "
        f"| {result.seconds:.0f} | {result.cpu_seconds:.0f} | {result.peak_megabytes:.0f} MB "
        f"| {_plain(result.last_words)} |"
    )


def _plain(text: str) -> str:
    """Keep what a program said from being read as a table, as HTML or as a link."""
    return text.replace("|", "\\|").replace("<", "&lt;").replace("[", "\\[")


def _bullets(texts: Iterable[str]) -> Sequence[str]:
    found = [f"- {text}" for text in texts]
    rest = len(found) - _SHOWN
    return found if rest <= 0 else [*found[:_SHOWN], f"- and {rest} more"]


def _code(result: Result) -> str:
    return f"exit {result.exit_code}"


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({100 * part // whole} %)" if whole else str(part)
