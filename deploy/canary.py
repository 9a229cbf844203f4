"""Sends the tiny profile `canary` to one environment, and prints its write ledger's outcome as a line of JSON.

It runs as a scheduled task of deploy/stack/canary.yaml, whose alarms are made of the line: `broken` counts what the
ledger contradicts. Where the ledger could not be reconciled there is no `broken`, and that silence is an alarm, too.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PROFILE = "canary"
BROKEN, COULD_NOT_RUN, INCONCLUSIVE = 1, 2, 3
# What the ledger decides: rules of the policy that nothing but lost or invented data can break.
METRICS = ("lost_writes", "ledger_violations")
# A ledger that holds nothing contradicts nothing: answers have to be there that are no errors of the service.
REQUESTS, ERROR_RATE = "requests", "server_error_rate"
# More than the profile needs, and no more than an environment bears at any hour.
TARGET = (
    'schema_version = 1\n\n[[target]]\norigin = "{origin}"\nenvironment = "{environment}"\n'
    "rate_rps_max = 20\nseconds_max = 60\nwrites_max = 500\n"
)


def main(arguments: Sequence[str]) -> int:
    """Send, reconcile, print; return 0 where every write is there, 1 where one is not, 2 or 3 where nobody knows."""
    parser = argparse.ArgumentParser(prog="python -m deploy.canary", description="docs/deploy.md, The canary")
    parser.add_argument("--target", required=True, help="the origin: scheme, host and port")
    parser.add_argument("--environment", default="staging", help="what the origin has to prove to be")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        code, verdict = _sent(Path(folder), origin=options.target, environment=options.environment)
    line = {"canary": options.environment, **outcome(verdict), "load_exit_code": code}
    print(json.dumps(line), flush=True)
    if "broken" not in line:
        return code if code in (COULD_NOT_RUN, INCONCLUSIVE) else COULD_NOT_RUN
    return BROKEN if line["broken"] else 0


def outcome(verdict: dict[str, Any]) -> dict[str, Any]:
    """Return what the ledger says: `broken` and its `evidence`, or `undecided`, the reason why it says nothing."""
    samples = verdict.get("samples", [])
    values = {each["metric"]: each["values"] for each in samples if each["metric"] in METRICS}
    answered = sum(sum(each["values"]) for each in samples if each["metric"] == REQUESTS)
    if values.keys() == set(METRICS) and not any(map(any, values.values())) and (not answered or _all_failed(samples)):
        return {"undecided": "no request was answered, so that the ledger proves nothing"}
    if values.keys() != set(METRICS):
        return {"undecided": verdict.get("summary") or "the load test left no verdict: its output is above"}
    evidence = [text for each in verdict["findings"] if each["metric"] in METRICS for text in each["evidence"]]
    return {"broken": int(sum(sum(each) for each in values.values())), "evidence": [str(each) for each in evidence[:5]]}


def _all_failed(samples: list[dict[str, Any]]) -> bool:
    rates = [rate for each in samples if each["metric"] == ERROR_RATE for rate in each["values"]]
    return bool(rates) and min(rates) >= 1


def _sent(folder: Path, *, origin: str, environment: str) -> tuple[int, dict[str, Any]]:
    """Run the load test, and return its exit code and its verdict; what it says besides goes to stderr."""
    targets = folder / "targets.toml"
    targets.write_text(TARGET.format(origin=origin, environment=environment), encoding="utf-8")
    command = [sys.executable, "-m", "reglab", "load", PROFILE, "--json", "--target", origin]
    done = subprocess.run(
        [*command, "--run", str(folder / "run")],
        env={**os.environ, "LOADTEST_TARGETS": str(targets)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    try:
        verdict: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        print(done.stdout, file=sys.stderr)
        return done.returncode, {}
    return done.returncode, verdict


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
