"""A short run over the slowest scenarios that counts their statements as the audit does. Never timed."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any, Final
from urllib.parse import urlsplit

from reglab.config.profile import Profile
from reglab.errors import LoadTestError
from reglab.load.figures.measurements import judged_tallies
from reglab.load.generator.progress_file import GeneratorState
from reglab.load.generator.results import percentile_ms
from reglab.load.operations import Request
from reglab.load.pool import Pool, Row
from reglab.load.server.drilldown_names import FILE_VARIABLE, ROOT_VARIABLE, SETTINGS, SETTINGS_VARIABLE
from reglab.load.server.service_process import migrate
from reglab.load.server.system_under_test import OwnService, Subject, own_target
from reglab.load.target.http_client import Api
from reglab.load.target.identity import prove
from reglab.load.target.tripwire import Tripwire
from reglab.load.writes.preparation import Preparation, pool_of, send_intended
from reglab.load.writes.write_ledger import WriteLedger

SLOWEST: Final = 5
REQUESTS: Final = 8
# More workers than this that answer in turn would leave too few requests of each that are not its first.
REQUESTS_MAX: Final = 64
REPEATED_MAX: Final = 3
TEXT_MAX: Final = 160
SILK_S: Final = 120.0
LEDGER_FILE: Final = "ledger-9-drilldown.jsonl"
LOG_FILE: Final = "statements.log"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrilledScenario:
    """One scenario's statements: means of `requests` requests. `repeated` are those sent more than once in one.

    `link` leads staff to the slowest request in `/silk/`, while a service with Silk runs on the same database.
    `problem` says why the scenario could not be sent.
    """

    scenario: str
    endpoint: str
    requests: int = 0
    queries: float = 0.0
    inserts: float = 0.0
    database_ms: float = 0.0
    repeated: tuple[tuple[str, int, str], ...] = ()
    link: str = ""
    problem: str = ""

    def sentence(self) -> str:
        """Return the row as one line of a report."""
        if self.problem:
            return f"drilled down, {self.scenario} ({self.endpoint}): {self.problem}"
        repeated = "; ".join(
            f"{count}x {text}{f', at {source}' if source else ''}" for text, count, source in self.repeated
        )
        return (
            f"drilled down, {self.scenario} ({self.endpoint}): {self.requests} requests, {self.queries:.1f} queries, "
            f"of them {self.inserts:.1f} INSERTs, and {self.database_ms:.1f} ms of database time each; repeated "
            f"statements: "
            f"{repeated or 'none'}{f'; see {self.link}' if self.link else ''}"
        )


def slowest_scenarios(profile: Profile, state: GeneratorState) -> list[str]:
    """Return the scenarios with the largest median latency, the slowest first."""
    medians = {
        name: percentile_ms(tally.latency, 50.0)
        for name, tally in judged_tallies(profile, state).items()
        if tally.latency.get_total_count()
    }
    return sorted(medians, key=lambda name: -medians[name])[:SLOWEST]


def warm_lines(send: Callable[[], dict[str, Any]]) -> list[dict[str, Any]]:
    """Send until there are the lines of REQUESTS requests, none of them the first in its process, and return them.

    A process asks some things once, like the database's catalogue: the audit, too, warms up before it counts.
    Raises LoadTestError where so many processes answer that the most are first ones.
    """
    lines: list[dict[str, Any]] = []
    warm: set[int] = set()
    for _ in range(REQUESTS_MAX):
        line = send()
        if line["process"] in warm:
            lines.append(line)
        warm.add(line["process"])
        if len(lines) == REQUESTS:
            return lines
    raise LoadTestError(f"{len(warm)} of {REQUESTS_MAX} requests were the first of their process: serve with fewer")


def drill_down(
    subject: Subject, *, scenarios: list[str], preparation: Preparation, folder: Path
) -> list[DrilledScenario]:
    """Start the service anew on the same database, send a few requests of each scenario, count their statements.

    Raises LoadTestError. Its writes go through the ledger like all others.
    """
    own = OwnService(project=subject.project, folder=folder, say=lambda _: None)
    profiled = {**subject.service_variables, **subject.project.load.profiler}
    log = folder / LOG_FILE
    counted = {**profiled, **_counting(own.root, log)}
    name = urlsplit(subject.database_url or "").path.lstrip("/")
    migrate(environment=profiled, root=own.root, log=folder / "migrate-drilldown.log", database=name)
    with own.serve(counted, name="drilldown") as service:
        tripwire = Tripwire.of_run(folder)
        proof = prove(own_target(service.origin), variables=subject.all_variables, tripwire=tripwire)
        api = Api(origin=service.origin, proof=proof, tripwire=tripwire, deadline_s=30.0)
        pool = pool_of(preparation, worker="s")
        ledger = WriteLedger.create(folder / LEDGER_FILE)
        drill = _Drill(subject=subject, api=api, ledger=ledger, log=log, pool=pool)
        try:
            found = [drill.scenario(name) for name in scenarios]
        finally:
            ledger.close()
            api.close()
    links = _links(profiled, own.root, folder) if subject.project.load.profiler else {}
    rows = [drill.linked(row, links) for row in found]
    (folder / "drilldown.json").write_text(json.dumps([asdict(row) for row in rows], indent=1), encoding="utf-8")
    return rows


@dataclass(slots=True, kw_only=True)
class _Drill:
    """Sends the requests of scenarios one after the other, and reads what the log says of each."""

    subject: Subject
    api: Api
    ledger: WriteLedger
    log: Path
    pool: Pool
    _draw: Random = field(default_factory=lambda: Random(0))  # noqa: S311  # reproducible is the point
    _sent: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def scenario(self, name: str) -> DrilledScenario:
        """Send a scenario and return its figures, or why it could not be sent."""
        endpoint = self.subject.project.load.operations[name].endpoint
        try:
            lines = warm_lines(lambda: self._line_of(name))
        except LoadTestError as error:
            return DrilledScenario(scenario=name, endpoint=endpoint, problem=str(error))
        self._sent[name] = [(line["method"], line["path"]) for line in lines]
        repeated: dict[str, tuple[int, str]] = {}
        for text, count, source in (each for line in lines for each in line["repeated"]):
            repeated[text] = max((count, source), repeated.get(text, (0, "")))
        most = sorted(repeated.items(), key=lambda item: -item[1][0])[:REPEATED_MAX]
        return DrilledScenario(
            scenario=name,
            endpoint=endpoint,
            requests=len(lines),
            queries=fmean(line["queries"] for line in lines),
            inserts=fmean(line["inserts"] for line in lines),
            database_ms=fmean(line["database_ms"] for line in lines),
            repeated=tuple((text[:TEXT_MAX], count, source) for text, (count, source) in most),
        )

    def linked(self, row: DrilledScenario, links: Mapping[tuple[str, str], str]) -> DrilledScenario:
        """Return a row with the link to its slowest request."""
        sent = {(method, path.partition("?")[0]) for method, path in self._sent.get(row.scenario, ())}
        return replace(row, link=next((link for place, link in links.items() if place in sent), ""))

    def _line_of(self, name: str) -> dict[str, Any]:
        """Send a scenario itself, after whatever makes the rows that it lacks, and return its line of the log."""
        operation = self.subject.project.load.operations[name]
        request = operation.request(self.pool, self._draw)
        if request is None:
            self._line_of(operation.otherwise)
            request = operation.request(self.pool, self._draw)
        if request is None:
            raise LoadTestError(f"{operation.otherwise} makes no row that {name} could work on")
        begun = self.log.stat().st_size if self.log.exists() else 0
        self._send(request)
        return self._logged(request, begun)

    def _send(self, request: Request) -> None:
        if not request.effects:
            reply = self.api.get(request.path)
            if not 200 <= reply.status < 300:
                raise LoadTestError(f"{request.method} {request.path} answered {reply.status}: {str(reply.json)[:300]}")
            return
        load, run = self.subject.project.load, self.pool.run
        row = send_intended(request, api=self.api, ledger=self.ledger, load=load, run=run)
        first = request.effects[0]
        if first.keep:
            self.pool.put(first.keep, Row(id=row, key=first.key))

    def _logged(self, request: Request, begun: int) -> dict[str, Any]:
        """Return the line of a request: the last of its method, since the rows that it names are read before it."""
        text = self.log.read_bytes()[begun:].decode() if self.log.exists() else ""
        lines: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
        found = [each for each in lines if each["method"] == request.method]
        if found:
            return found[-1]
        raise LoadTestError(
            "its statements could not be counted: the server does not take its settings from DJANGO_SETTINGS_MODULE"
        )


def _counting(root: Path, log: Path) -> dict[str, str]:
    """Return the variables that put the statement log into a service."""
    from django.conf import settings

    return {
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        SETTINGS_VARIABLE: settings.SETTINGS_MODULE,
        ROOT_VARIABLE: str(root),
        FILE_VARIABLE: str(log),
    }


def _links(variables: dict[str, str], root: Path, folder: Path) -> dict[tuple[str, str], str]:
    """Return Silk's page of each request, the slowest first, from a process that has Silk's models installed."""
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
    return dict(_places(json.loads(finished.stdout)))


def _places(rows: list[dict[str, Any]]) -> Iterator[tuple[tuple[str, str], str]]:
    for row in reversed(rows):  # of two requests to one place, the slowest is the last to be put in
        yield (row["method"], row["path"]), row["link"]
