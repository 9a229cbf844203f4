"""Files of a run folder, and the rendering that goes into each."""

import os
from pathlib import Path
from types import MappingProxyType
from typing import Final

from reglab.report.renderings import bencher, benchmark, junit, markdown, verdict_json
from reglab.report.renderings.ci import gitlab, openmetrics, sarif
from reglab.report.verdict import Verdict


def _page(verdict: Verdict) -> str:
    # With matplotlib behind it, which the other commands need not wait for.
    from reglab.report.renderings.html import page

    return page.render(verdict)


RENDERINGS: Final = MappingProxyType(
    {
        "verdict.json": verdict_json.render,
        "junit.xml": junit.render,
        "report.md": markdown.render,
        "report.html": _page,
        "report.sarif": sarif.render,
        "gitlab-quality.json": gitlab.render,
        "openmetrics.txt": openmetrics.render,
        "bencher.json": bencher.render,
        "benchmark.json": benchmark.render_smaller,
        "benchmark-bigger.json": benchmark.render_bigger,
    }
)


def write(path: Path, text: str) -> None:
    """Write a whole file or none: what reads it never sees half a report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
