"""The page of the field tests, docs/field.md, written from the results of every project that was run."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from tools.field.places import PAGE, STATE
from tools.field.projects import Project
from tools.field.results import FILE, Result, read_results
from tools.field.steps import AUDITS, INIT, PLANTED

OPENING: Final = """\
# Projects that no one here wrote

Written by `tox -e field`: each project is installed from the package registry with pinned hashes, in an environment of
its own. The harness is installed after it, and the documented path is followed: `reglab init`, then `reglab audit`
three times in fresh processes with other hash seeds, and once more with an N+1 in the project's own code.
"""
_SHOWN: Final = 20


def write_page(projects: Iterable[Project], *, page: Path = PAGE, state: Path = STATE) -> None:
    """Write the page; a project without results is named as not run."""
    parts = [OPENING]
    rows, chapters = [], []
    for project in projects:
        results = {result.step: result for result in read_results(state / project.name / FILE)}
        rows.append(_row(project, results))
        if results:
            chapters.append(_chapter(project, results))
    head = "| project | endpoints | measured | init | three audits | planted N+1 | seconds | memory |"
    parts.append("\n".join([head, "|---|---|---|---|---|---|---|---|", *rows]))
    parts.extend(chapters)
    page.write_text("\n\n".join(part.strip() for part in parts) + "\n", encoding="utf-8")


def _row(project: Project, results: dict[str, Result]) -> str:
    name = f"{project.name} {project.version}"
    if not results:
        return f"| {name} | – | – | not run | | | | |"
    first = results.get(INIT)
    audits = [str(results[step].exit_code) if step in results else "–" for step in AUDITS]
    cells = (
        name,
        str(first.endpoints) if first else "–",
        _share(first.measured, first.endpoints) if first else "–",
        _code(first),
        " ".join(audits),
        _planted(results.get(PLANTED)),
        f"{first.seconds:.0f}" if first else "–",
        f"{max(result.peak_megabytes for result in results.values()):.0f} MB",
    )
    return f"| {' | '.join(cells)} |"


def _planted(result: Result | None) -> str:
    if result is None:
        return "–"
    if not result.planted_rank:
        return f"exit {result.exit_code}, not found"
    return f"exit {result.exit_code}, finding {result.planted_rank}"


def _chapter(project: Project, results: dict[str, Result]) -> str:
    lines = [f"## {project.title}", ""]
    lines += ["| step | exit code | seconds | CPU seconds | peak memory | last line |", "|---|---|---|---|---|---|"]
    lines += [_step(result) for result in results.values()]
    first = results.get(INIT)
    if first and first.waived_by_reason:
        lines += ["", "Not measured:", ""]
        lines += _bullets(f"{count} × {reason}" for reason, count in first.waived_by_reason.items())
    planted = results.get(PLANTED)
    if planted:
        lines += ["", f"The planted N+1 is at `{planted.planted_at}`; the audit's findings:", ""]
        lines += _bullets(planted.findings[:_SHOWN]) or ["none"]
    return "\n".join(lines)


def _step(result: Result) -> str:
    late = " (stopped)" if result.is_timed_out else ""
    words = result.last_words.replace("|", "\\|")
    return (
        f"| {result.step} | {result.exit_code}{late} | {result.seconds:.0f} | {result.cpu_seconds:.0f} "
        f"| {result.peak_megabytes:.0f} MB | {words} |"
    )


def _bullets(texts: Iterable[str]) -> Sequence[str]:
    found = [f"- {text}" for text in texts]
    rest = len(found) - _SHOWN
    return found if rest <= 0 else [*found[:_SHOWN], f"- and {rest} more"]


def _code(result: Result | None) -> str:
    return "–" if result is None else f"exit {result.exit_code}"


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.0%})" if whole else str(part)
