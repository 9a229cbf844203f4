"""End of a load test: reconciling the write ledger with the service, and leaving nothing of the run behind."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from reglab.errors import LoadTestError
from reglab.load.http_client import Api
from reglab.load.measurements import ALL
from reglab.load.writes.actual_state import Observed, observed_by_api, observed_by_sql
from reglab.load.writes.cleanup import clean_up
from reglab.load.writes.expected_state import expected_of
from reglab.load.writes.reconciliation import Contradiction, contradictions, differences
from reglab.load.writes.write_ledger import Fate, Write, read_ledgers
from reglab.metrics import METRICS
from reglab.report.records import Evidence, Measurement, Remark, RemarkKind

EVIDENCE_MAX = 20
# Writes without an answer are given so long to happen, or not; two looks that far apart must agree.
REST_S = 2.0
REST_S_MAX = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """How many writes had which fate, what contradicts the ledger, what the clean-up left; or why it is not known."""

    fates: dict[Fate, int]
    contradictions: tuple[Contradiction, ...] = ()
    removed: int = 0
    leftover: tuple[str, ...] = ()
    problem: str = ""

    def lines(self, scenario: str) -> list[Measurement | Remark]:
        """Give the record's lines."""
        return [*self.remarks(scenario), *self.measurements(scenario)]

    def measurements(self, scenario: str) -> Iterator[Measurement]:
        """Give the figures that decide. None where the reconciliation did not come to its end."""
        if self.problem:
            return
        for metric, kind in (("lost_writes", "lost"), ("ledger_violations", "violation")):
            texts = [each.text for each in self.contradictions if each.kind == kind]
            yield _measurement(scenario, metric, texts)
        yield _measurement(scenario, "leftover_rows", list(self.leftover))

    def remarks(self, scenario: str) -> Iterator[Remark]:
        """Say what was compared, or why it could not be."""
        if self.problem:
            yield Remark(
                kind=RemarkKind.INCONCLUSIVE,
                scenario=scenario,
                text=f"the write ledger was not reconciled: {self.problem}",
                next_step="See that the service answers, and remove the run's rows: they carry its id.",
            )
            return
        fates = ", ".join(f"{count} {fate.value}" for fate, count in sorted(self.fates.items()))
        yield Remark(
            kind=RemarkKind.NOTE,
            scenario=scenario,
            text=f"writes: {fates or 'none'}; {self.removed} rows removed, {len(self.leftover)} left",
        )


def settle_accounts(folder: Path, *, api: Api, run: str, database_url: str | None) -> Aftermath:
    """Reconcile the run's ledgers through the API, and by SQL where the database is known, then clean up."""
    writes = read_ledgers(folder)
    fates = {fate: count for fate in Fate if (count := sum(write.fate is fate for write in writes))}
    try:
        views = _settled_views(writes, api=api, run=run, database_url=database_url)
        found = _contradictions(writes, views)
        cleanup = clean_up(api, run=run, views=views, database_url=_sql_url(database_url))
    except LoadTestError as error:
        return Aftermath(fates=fates, problem=str(error))
    return Aftermath(fates=fates, contradictions=found, removed=cleanup.removed, leftover=cleanup.leftover)


def _settled_views(writes: list[Write], *, api: Api, run: str, database_url: str | None) -> list[Observed]:
    """Look until nothing moves any more: a write that was given up may still be waiting its turn in the service.

    Raises LoadTestError where it never comes to rest.
    """
    views = _views(writes, api=api, run=run, database_url=database_url)
    if all(write.fate in (Fate.ACKNOWLEDGED, Fate.FAILED) for write in writes):
        return views
    deadline = monotonic() + REST_S_MAX
    while monotonic() < deadline:
        sleep(REST_S)
        before, views = views, _views(writes, api=api, run=run, database_url=database_url)
        if views == before:
            return views
    raise LoadTestError(f"the run's rows still change {REST_S_MAX:.0f} s after its end")


def _views(writes: list[Write], *, api: Api, run: str, database_url: str | None) -> list[Observed]:
    ids: dict[str, set[int]] = {"customer": set(), "order": set(), "item": set()}
    for write in writes:
        if write.intent.verb == "create" and write.row:
            ids[write.intent.kind].add(write.row)
    views = list(observed_by_api(api, run=run, customers=ids["customer"], orders=ids["order"]))
    if url := _sql_url(database_url):
        views.append(observed_by_sql(url, run=run))
    return views


def _contradictions(writes: list[Write], views: list[Observed]) -> tuple[Contradiction, ...]:
    expected = expected_of(writes)
    detail, listed, *database = views
    found = contradictions(expected, detail) + differences(detail, listed)
    for view in database:
        found += contradictions(expected, view) + differences(detail, view)
    return tuple(found)


def _sql_url(database_url: str | None) -> str | None:
    return database_url if database_url and database_url.startswith("postgres") else None


def _measurement(scenario: str, metric: str, texts: list[str]) -> Measurement:
    evidence = tuple(Evidence(kind="write", text=text) for text in texts[:EVIDENCE_MAX])
    return Measurement(scenario=scenario, endpoint=ALL, metric=METRICS[metric], values=(len(texts),), evidence=evidence)
