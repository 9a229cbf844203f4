"""A copy of the service with one small change in it, and what the audit says about that."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reports.findings import Finding
from reports.judge import judge
from reports.outcomes import Outcome
from reports.policy import read_policy
from reports.verdict import Verdict

PROJECT = Path(__file__).resolve().parents[2]
SUITE = PROJECT / "bench" / "suites" / "orders" / "scenarios.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A pull request in miniature: texts replaced in files, files added; every `before` must be there."""

    replaced: tuple[tuple[str, str, str], ...] = ()
    added: Mapping[str, str] = field(default_factory=dict)

    def apply(self, folder: Path) -> None:
        """Change the copy in `folder`."""
        for name, before, after in self.replaced:
            path = folder / name
            text = path.read_text(encoding="utf-8")
            assert before in text, f"{name} no longer holds {before!r}: mend this planted change"
            path.write_text(text.replace(before, after), encoding="utf-8")
        for name, text in self.added.items():
            (folder / name).write_text(text, encoding="utf-8")


def audited(folder: Path, *, only: str, change: Change | None = None, hash_seed: str = "0") -> Verdict:
    """Copy the service into `folder`, change it, audit the scenarios that `only` selects, and judge."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(PROJECT / "service", folder / "service", ignore=shutil.ignore_patterns("__pycache__"))
    (change or Change()).apply(folder)
    run = folder / "20260101T000000Z-000000"
    arguments = ["--settings", "service.settings", "--suite", str(SUITE), "--only", only, "--run", str(run)]
    done = subprocess.run(
        [sys.executable, "-m", "bench", "audit", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONHASHSEED": hash_seed, "SERVICE_ENVIRONMENT": "test"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, f"the audit ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    verdict = judge(run, read_policy(), only=("work",))
    assert (verdict.outcome is Outcome.PASS) == (done.returncode == 0)
    return verdict


def told(finding: Finding) -> str:
    """Return everything that a finding says, in one string to search."""
    first = finding.evidence[0] if finding.evidence else None
    cause = f"{first.text} {first.source} {' '.join(first.frames)} {first.table}" if first else ""
    return f"{finding.rule} {finding.endpoint} {finding.quantity} {finding.expected} {finding.found} {cause}"
