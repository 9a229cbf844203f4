"""End of a load test: reconciling the write ledger with the service, and leaving nothing of the run behind."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from reglab.errors import LoadTestError, UnsafeTargetError
from reglab.load.figures.measurements import ALL
from reglab.load.operations import Load, View
from reglab.load.target.http_client import Api
from reglab.load.writes.cleanup import Cleanup, leftover_of, possibly_left, unseen
from reglab.load.writes.reading_back import read_back
from reglab.load.writes.reconciliation import Contradiction, reconcile
from reglab.load.writes.write_ledger import Fate, Write, read_ledgers
from reglab.metrics import METRICS
from reglab.report.records import Evidence, Measurement, Remark, RemarkKind

EVIDENCE_MAX: Final = 20
LEFT_FILE: Final = "left-behind.json"
# Writes without an answer are given so long to happen, or not; two looks that far apart must agree.
REST_S: Final = 2.0
REST_S_MAX: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How many writes had which fate, what contradicts the ledger, what is left; or why it is not known.

    `is_unsafe` says that the target did not prove itself, so that nothing was asked or deleted any more. A ledger that
    may lack writes accuses nobody: `doubt` says why it may. `unshown` are fields that were written and never seen.
    """

    fates: dict[Fate, int] = field(default_factory=dict)
    contradictions: tuple[Contradiction, ...] = ()
    removed: int = 0
    leftover: tuple[str, ...] = ()
    problem: str = ""
    doubt: str = ""
    unshown: tuple[str, ...] = ()
    is_unsafe: bool = False
    clean_with: str = ""

    def lines(self, scenario: str) -> list[Measurement | Remark]:
        """Give the record's lines."""
        return [*self.remarks(scenario), *self.measurements(scenario)]

    def measurements(self, scenario: str) -> Iterator[Measurement]:
        """Give the figures that decide; none on lost writes where the reconciliation did not come to its end."""
        if self.problem:
            return
        for metric, kind in (("lost_writes", "lost"), ("ledger_violations", "violation")):
            texts = [each.text for each in self.contradictions if each.kind == kind]
            if not self.doubt:
                yield _measurement(scenario, metric, texts)
        yield _measurement(scenario, "leftover_rows", list(self.leftover))

    def remarks(self, scenario: str) -> Iterator[Remark]:
        """Say what was compared, or why it could not be, and how what is left is removed later."""
        if self.problem:
            yield Remark(
                kind=RemarkKind.UNSAFE if self.is_unsafe else RemarkKind.INCONCLUSIVE,
                scenario=scenario,
                text=f"the write ledger was not reconciled and nothing more was deleted: {self.problem}; "
                f"up to {len(self.leftover)} rows of the run may be left ({LEFT_FILE} names them)",
                next_step=f"When the target is itself again: {self.clean_with}",
            )
            return
        if self.doubt:
            yield Remark(
                kind=RemarkKind.INCONCLUSIVE,
                scenario=scenario,
                text=f"the write ledger may lack writes, so it accuses nobody: {self.doubt}; "
                f"{len(self.contradictions)} rows differ from what is left of it",
                next_step="Run again with every load-generating worker staying to the end.",
            )
        if self.unshown:
            yield Remark(
                kind=RemarkKind.INCONCLUSIVE,
                scenario=scenario,
                text=f"the load writes {', '.join(self.unshown)}, and no answer shows it: nothing was compared",
                next_step="Where the service has left it out of its answers, mend that; else leave it out of `fields`.",
            )
        fates = ", ".join(f"{count} {fate.value}" for fate, count in sorted(self.fates.items()))
        yield Remark(
            kind=RemarkKind.NOTE,
            scenario=scenario,
            text=f"writes: {fates or 'none'}; {self.removed} rows removed, {len(self.leftover)} left",
            next_step=self.clean_with if self.leftover else "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Teardown:
    """The end of one run. `prove` has the target prove itself anew and raises where it does not."""

    load: Load
    folder: Path
    api: Api
    run: str
    prove: Callable[[], None]
    database_url: str | None = None
    doubt: str = ""
    clean_with: str = "reglab load clean RUN"

    def settle(self, *, judges: bool = True) -> Settlement:
        """Reconcile the run's ledgers with every view of its rows, then clean up. Deletes nothing without a proof."""
        writes = read_ledgers(self.folder)
        fates = {fate: count for fate in Fate if (count := sum(write.fate is fate for write in writes))}
        found: tuple[Contradiction, ...] = ()
        cleanup = Cleanup(load=self.load, api=self.api, run=self.run, prove=self.prove)
        try:
            self.prove()
            views = self._settled_views(writes)
            found = reconcile(self.load, writes, views) if judges else ()
            unshown = unshown_fields(writes, views) if judges else ()
            cleanup.remove(writes, views)
            self.prove()
            leftover = (*leftover_of(self._views(writes)), *cleanup.foreign)
            if self.load.views is None:
                # One by one, only rows whose ids are known are looked for.
                leftover += unseen(writes)
        except (LoadTestError, OSError) as error:
            leftover = possibly_left(writes)
            self._list(leftover)
            return Settlement(
                fates=fates,
                removed=cleanup.removed,
                leftover=leftover,
                problem=str(error),
                is_unsafe=isinstance(error, UnsafeTargetError),
                clean_with=self.clean_with,
            )
        self._list(leftover)
        return Settlement(
            fates=fates,
            contradictions=found,
            removed=cleanup.removed,
            leftover=leftover,
            doubt=self.doubt,
            unshown=unshown,
            clean_with=self.clean_with,
        )

    def _settled_views(self, writes: list[Write]) -> list[View]:
        """Look until nothing moves any more: a write that was given up may still be waiting its turn in the service.

        Raises LoadTestError where it never comes to rest.
        """
        views = self._views(writes)
        if all(write.fate in (Fate.ACKNOWLEDGED, Fate.FAILED) for write in writes):
            return views
        deadline = monotonic() + REST_S_MAX
        while monotonic() < deadline:
            sleep(REST_S)
            before, views = views, self._views(writes)
            if [view.rows for view in views] == [view.rows for view in before]:
                return views
        raise LoadTestError(f"the run's rows still change {REST_S_MAX:.0f} s after its end")

    def _views(self, writes: list[Write]) -> list[View]:
        return read_back(self.load, writes, api=self.api, run=self.run, database_url=self.database_url)

    def _list(self, leftover: tuple[str, ...]) -> None:
        path = self.folder / LEFT_FILE
        if leftover:
            text = json.dumps({"run": self.run, "clean_with": self.clean_with, "rows": leftover}, indent=1)
            path.write_text(text, encoding="utf-8")
        else:
            path.unlink(missing_ok=True)


def unshown_fields(writes: Sequence[Write], views: Sequence[View]) -> tuple[str, ...]:
    """Return the fields that acknowledged writes have set, and that no view shows of any row of their kind."""
    written = {
        (effect.kind, name)
        for write in writes
        if write.fate is Fate.ACKNOWLEDGED
        for effect in write.effects
        for name in effect.fields
    }
    seen = [row for view in views for row in view.rows]
    kinds = {row.kind for row in seen}
    shown = {(row.kind, name) for row in seen for name in row.fields}
    return tuple(f"{kind}.{name}" for kind, name in sorted(written - shown) if kind in kinds)


def sql_url(database_url: str | None) -> str | None:
    """Return the URL of a database that a project's `database_view` can read; None for any but a PostgreSQL."""
    return database_url if database_url and database_url.startswith("postgres") else None


def _measurement(scenario: str, metric: str, texts: list[str]) -> Measurement:
    evidence = tuple(Evidence(kind="write", text=text) for text in texts[:EVIDENCE_MAX])
    return Measurement(scenario=scenario, endpoint=ALL, metric=METRICS[metric], values=(len(texts),), evidence=evidence)
