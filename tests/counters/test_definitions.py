"""One counter is one file: what it declares reaches every room of the harness, and nothing else names it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reglab.counters.engine.registry import counted_metrics, definitions
from reglab.metrics import METRICS
from tests.counters.support import ROOT

# A counter that no file of the product knows.
ONE_MORE = '''
"""Counts the headers of a response."""

from reglab.counters.engine.definition import CounterMetric, Definition, Layer
from reglab.report.records import Evidence, Measurement

HEADERS = CounterMetric(name="headers_sent", unit="headers", meaning="headers of the response")


class HeaderCounter:
    def __init__(self, responses):
        self._responses = responses
        self._found = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._found = [name for response in self._responses for name in response.headers]

    def counts(self):
        evidence = (Evidence(kind="response", text=", ".join(self._found)),)
        return (Measurement(metric=HEADERS, values=(len(self._found),), evidence=evidence),)


COUNTER = Definition(
    metrics=(HEADERS,), layer=Layer.ANSWERS, make=lambda execution: HeaderCounter(execution.responses)
)
'''
WITH_ONE_MORE = (
    "import sys, reglab.counters; reglab.counters.__path__.append(sys.argv.pop(1)); "
    "from reglab.cli import main; sys.exit(main())"
)


def audit(shop: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Audit a scenario of the shop with the counters of `folder` beside the package's own."""
    options = ["audit", "--settings", "shop_settings", "--suite", "shop.toml", "--only", "book", *arguments]
    return subprocess.run(
        [sys.executable, "-c", WITH_ONE_MORE, str(folder), *options],
        cwd=shop,
        env={**os.environ, "PYTHONPATH": str(ROOT), "CI": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_adding_a_counter_means_adding_one_file(tmp_path: Path) -> None:
    """One file more is counted, accepted, grown, recorded and judged: a header more fails, and says which."""
    shop, folder = tmp_path / "shop", tmp_path / "more"
    shutil.copytree(ROOT / "tests" / "projects" / "shop", shop, ignore=shutil.ignore_patterns("__pycache__"))
    folder.mkdir()
    (folder / "headers.py").write_text(ONE_MORE)
    first = audit(shop, folder, "--accept", "One counter more", "--run", str(tmp_path / "accepted"))
    assert first.returncode == 0, first.stdout + first.stderr
    views = shop / "catalogue" / "views.py"
    views.write_text(
        re.sub(r"return JsonResponse\((.*)\)", r'return JsonResponse(\1, headers={"X-More": "1"})', views.read_text())
    )
    second = audit(shop, folder, "--run", str(tmp_path / "judged"))
    assert second.returncode == 1, second.stdout + second.stderr
    finding = json.loads((tmp_path / "judged" / "verdict.json").read_text())["findings"][0]
    assert (finding["rule"], finding["metric"], finding["outcome"]) == ("counters-accepted", "headers_sent", "fail")
    assert "X-More" in finding["cause"]


def test_no_other_file_names_a_counters_metric() -> None:
    """What the harness has to know of a metric stands in the counter's file, and nowhere as a name in quotes."""
    own = {name: {metric.name for metric in one.metrics} for name, one in definitions().items()}
    names = "|".join(sorted(metric.name for metric in counted_metrics()))
    # A status is also a field of this project's own files, and statements are what silk calls queries.
    quoted = re.compile(rf'(?<![\w\[])"({names})"')
    elsewhere = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sorted((ROOT / "reglab").rglob("*.py"))
        if not path.is_relative_to(ROOT / "reglab" / "load")
        for name in quoted.findall(path.read_text(encoding="utf-8"))
        if name not in {"status", "queries", "answer"}
        and not (path.parent.name == "counters" and name in own.get(path.stem, set()))
    ]
    assert elsewhere == []


def test_every_metric_is_declared_once() -> None:
    """Two counters never share a metric, and none is called like a metric of another instrument."""
    names = [metric.name for metric in counted_metrics()]
    assert len(names) == len(set(names))
    assert len(METRICS) == len(set(METRICS))
    assert all(METRICS[metric.name] is metric for metric in counted_metrics())


def test_reading_and_judging_a_record_imports_no_django() -> None:
    """A record is judged where there is no Django: the counters' declarations load without it."""
    script = (
        "import sys; from reglab.metrics import METRICS; from reglab.report.policy import read_policy; "
        "from reglab.report.judge import judge; read_policy(); len(METRICS); "
        "print([name for name in sys.modules if name.partition('.')[0] in ('django', 'postgast', 'psycopg')])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
