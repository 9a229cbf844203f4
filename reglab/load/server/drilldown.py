"""A short pass under django-silk over the slowest endpoints: where their statements come from. Never timed."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from reglab.config.profile import Profile
from reglab.errors import LoadTestError
from reglab.load.figures.measurements import judged_tallies
from reglab.load.generator.progress_file import GeneratorState
from reglab.load.generator.results import percentile_ms
from reglab.load.pool import Row
from reglab.load.server.service_process import migrate
from reglab.load.server.system_under_test import OwnService, Subject, own_target
from reglab.load.target.http_client import Api
from reglab.load.target.identity import prove
from reglab.load.target.tripwire import Tripwire
from reglab.load.writes.preparation import Preparation, pool_of, send_intended
from reglab.load.writes.write_ledger import WriteLedger

SLOWEST = 5
REQUESTS = 8
SILK_S = 120.0
LEDGER_FILE = "ledger-9-drilldown.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class SilkRow:
    """One endpoint under Silk: means of `requests` requests; `repeated` are statements sent more than once in one.

    `link` leads staff to the slowest request in `/silk/`, while a service with SILK=1 runs on the same database.
    """

    endpoint: str
    requests: int
    queries: float
    database_ms: float
    total_ms: float
    repeated: tuple[tuple[str, int], ...]
    link: str

    def sentence(self) -> str:
        """Return the row as one line of a report."""
        repeated = "; ".join(f"{count}x {text}" for text, count in self.repeated) or "none"
        return (
            f"under Silk, {self.endpoint}: {self.requests} requests, {self.queries:.1f} queries and "
            f"{self.database_ms:.1f} ms of database time each; repeated statements: {repeated}; see {self.link}"
        )


def slowest_scenarios(profile: Profile, state: GeneratorState) -> list[str]:
    """Return the scenarios with the largest median latency, the slowest first."""
    medians = {
        name: percentile_ms(tally.latency, 50.0)
        for name, tally in judged_tallies(profile, state).items()
        if tally.latency.get_total_count()
    }
    return sorted(medians, key=lambda name: -medians[name])[:SLOWEST]


def drill_down(subject: Subject, *, scenarios: list[str], preparation: Preparation, folder: Path) -> list[SilkRow]:
    """Start the service with Silk on the same database, send a few requests of each scenario, read Silk's models.

    Raises LoadTestError. Its writes go through the ledger like all others.
    """
    own = OwnService(project=subject.project, folder=folder, say=lambda _: None)
    variables = {**subject.service_variables, **subject.project.load.profiler}
    name = urlsplit(subject.database_url or "").path.lstrip("/")
    migrate(environment=variables, root=own.root, log=folder / "migrate-silk.log", database=name)
    with own.serve(variables, name="silk") as service:
        target = own_target(service.origin)
        tripwire = Tripwire.of_run(folder)
        proof = prove(target, variables=subject.all_variables, tripwire=tripwire)
        api = Api(origin=service.origin, proof=proof, tripwire=tripwire, deadline_s=30.0)
        _send(api, subject, scenarios=scenarios, preparation=preparation, folder=folder)
    rows = _read(variables, own.root, folder)
    (folder / "drilldown.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return [SilkRow(**{**row, "repeated": tuple((text, count) for text, count in row["repeated"])}) for row in rows]


def _send(api: Api, subject: Subject, *, scenarios: list[str], preparation: Preparation, folder: Path) -> None:
    load = subject.project.load
    pool = pool_of(preparation, worker="s")
    draw = Random(0)  # noqa: S311  # reproducible is the point
    ledger = WriteLedger.create(folder / LEDGER_FILE)
    for name in scenarios:
        for _ in range(REQUESTS):
            request = load.request(name, pool, draw)
            if request.effects:
                row = send_intended(request, api=api, ledger=ledger, load=load, run=pool.run)
                first = request.effects[0]
                if first.keep:
                    pool.put(first.keep, Row(id=row, key=first.key))
            else:
                api.get(request.path)
    ledger.close()
    api.close()


def _read(variables: dict[str, str], root: Path, folder: Path) -> list[dict[str, Any]]:
    """Read Silk's models in a process that has them installed."""
    finished = subprocess.run(
        [sys.executable, "-m", "reglab.load.server.silk_report"],
        env=os.environ | variables,
        cwd=root,
        timeout=SILK_S,
        capture_output=True,
        text=True,
        check=False,
    )
    (folder / "silk-report.log").write_text(finished.stderr, encoding="utf-8")
    if finished.returncode:
        raise LoadTestError(f"Silk's models could not be read:\n{finished.stderr[-2000:]}")
    rows: list[dict[str, Any]] = json.loads(finished.stdout)
    return rows
