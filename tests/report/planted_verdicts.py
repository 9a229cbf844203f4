"""Verdicts on real planted regressions: their records were measured once, and are judged anew."""

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Final

from reglab.report.judge import judge
from reglab.report.policy import chosen_policy
from reglab.report.verdict import Verdict

RECORDS: Final = Path(__file__).with_name("planted")
POLICY: Final = Path(__file__).parents[2] / "reports" / "policy.toml"


def planted_verdict(name: str) -> Verdict:
    """Judge the record of a planted regression under the present rules. The working folder gets its run folder."""
    (packed,) = (RECORDS / name).glob("*.jsonl.gz")
    record = gzip.decompress(packed.read_bytes())
    run = Path(json.loads(record.splitlines()[0])["run"])
    run.mkdir()
    (run / packed.stem).write_bytes(record)
    instrument = packed.stem.removesuffix(".jsonl")
    verdict = judge(run, chosen_policy(None, POLICY), only=(instrument,), judged_at="2026-01-01T00:00:00+00:00")
    # Each rule of the policy is in its digest.
    return replace(verdict, folder=f"var/runs/{run.name}", policy="of-the-test")
