"""Lines of the record of the migrations audit."""

from collections.abc import Iterator

from django.db import connection

from reglab.errors import AuditError
from reglab.metrics import METRICS
from reglab.migrations_audit.applied import BLOCKED_BY, Applied
from reglab.migrations_audit.audit import Examined, examined
from reglab.migrations_audit.base_revision import BRANCHES, BaseMissingError, base_revision, new_migrations, shown
from reglab.migrations_audit.rows import Loss
from reglab.project.audit_ground import AuditGround
from reglab.report.records import Evidence, Measurement, Remark, RemarkKind

Line = Measurement | Remark
SCENARIO = "(migrations)"


def lines(ground: AuditGround, *, base: str = "", is_alone: bool = False) -> Iterator[Line]:
    """Examine the migrations that the base does not have; without any there is nothing to examine.

    Raises AuditError where this audit `is_alone`, or a base was named, and nothing can be examined.
    """
    try:
        revision = base_revision(base)
        new = new_migrations(revision)
    except AuditError as error:
        if base or is_alone:
            raise
        yield _measured("migrations_tried", 0, gates=False)
        if isinstance(error, BaseMissingError):
            yield Remark(kind=RemarkKind.INCONCLUSIVE, text=f"migrations are not examined: {error}")
            return
        yield Remark(kind=RemarkKind.WARNING, text=f"migrations are not examined: {error}")
        return
    if revision.is_guess:
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"only migrations that are not committed were examined: this clone has none of {', '.join(BRANCHES)}",
            next_step="Name the revision that the change starts from: reglab probe migrations --base REV.",
        )
    yield _measured("migrations_tried", len(new), gates=ground.is_postgresql)
    if new and not ground.is_postgresql:
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"{shown(new)}: not examined: locks are PostgreSQL's, and the database is {connection.vendor}",
        )
        return
    if not new:
        # Nothing new is nothing wrong: each rule has its answer.
        for metric in (
            "migration_errors",
            "rows_lost",
            "blocking_locks",
            "long_locks",
            "tables_rewritten",
            "irreversible_migrations",
            "constraints_lost",
        ):
            yield _measured(metric, 0)
    else:
        yield from _of(examined(revision, new, say=ground.say))


def _of(found: Examined) -> Iterator[Line]:
    if found.known:
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"not judged after the migration, because the base's own code fails them: {'; '.join(found.known[:3])}"
            + (f" and {len(found.known) - 3} more" if len(found.known) > 3 else ""),
        )
    yield from _errors(found)
    yield from _losses(found)
    for one in found.applied:
        yield from _locks(one)
    for metric, is_there in (
        ("blocking_locks", any(mode in BLOCKED_BY for one in found.applied for _, mode in one.locks)),
        ("long_locks", any(one.work_under_lock for one in found.applied)),
        ("tables_rewritten", any(one.rewritten for one in found.applied)),
        ("irreversible_migrations", bool(found.irreversible or found.lost_backwards)),
        ("constraints_lost", any(one.lost_constraints for one in found.applied)),
    ):
        if not is_there:
            yield _measured(metric, 0)
    for name, reason in found.irreversible.items():
        yield _measured("irreversible_migrations", 1, part=name, told=f"{name} cannot be undone: {reason}")
    for loss in found.lost_backwards:
        told = f"undone, {_sentence(loss)} since before"
        yield _measured("irreversible_migrations", 1, part=f"{loss.table} {loss.verb}", told=told, table=loss.table)


def _locks(one: Applied) -> Iterator[Line]:
    for (table, mode), sql in sorted(one.locks.items()):
        if mode in BLOCKED_BY:
            told = f"{one.name} holds {mode} on {table}, which {BLOCKED_BY[mode]} wait for, from: {sql}"
            yield _measured("blocking_locks", 1, part=f"{one.name} {table} {mode}", told=told, table=table)
    for table, sql in one.work_under_lock.items():
        told = f"{one.name} works on rows while readers and writers of {table} wait: {sql}"
        yield _measured("long_locks", 1, part=f"{one.name} {table}", told=told, table=table)
    for table in one.rewritten:
        told = f"{one.name} rewrites the whole table {table}"
        yield _measured("tables_rewritten", 1, part=f"{one.name} {table}", told=told, table=table)
    for lost in one.lost_constraints:
        told = f"{one.name} drops {lost.told}, and nothing stands in for it"
        table = lost.constraint.table
        yield _measured("constraints_lost", 1, part=f"{one.name} {lost.constraint.name}", told=told, table=table)
    for index, table in one.dropped_indexes:
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"{one.name} drops the index {index} of {table}",
            next_step="Look at what the index served: the counters of its readers say whether another one does.",
        )


def _errors(found: Examined) -> Iterator[Line]:
    for one in found.applied:
        yield _measured(
            "migration_errors",
            int(bool(one.error)),
            part=one.name,
            told=f"{one.name}: {one.error}" if one.error else "",
        )
    for complaint in found.complaints:
        told = (
            f"the base's code on the new schema ({shown(found.migrations)}), as while a deployment rolls: {complaint}"
        )
        yield _measured("migration_errors", 1, part=complaint.partition(":")[0], told=told)
    if found.error_at_limits:
        told = f"with texts as long as their columns allow, as production may have them: {found.error_at_limits}"
        yield _measured("migration_errors", 1, part="texts at their limits", told=told)
    if found.error_with_twins:
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"with rows that differ in their key alone, as production may have them: {found.error_with_twins}",
        )


def _losses(found: Examined) -> Iterator[Line]:
    everything = [
        *((loss, "") for loss in found.lost),
        *((loss, ", of rows that differ in their key alone") for loss in found.lost_with_twins),
        *((loss, ", of rows whose texts are at their limits") for loss in found.lost_at_limits),
    ]
    for loss, how in everything:
        told = f"{shown(found.migrations)}: {_sentence(loss)}{how}"
        yield _measured("rows_lost", loss.rows, part=f"{loss.table} {loss.verb}", told=told, table=loss.table)
    if not everything:
        yield _measured("rows_lost", 0)


def _sentence(loss: Loss) -> str:
    rows = f"{loss.rows} row{'s' * (loss.rows != 1)} of {loss.table}"
    if loss.verb == "delete":
        return f"{rows} deleted, the first with the key {loss.key}"
    return f"{rows} changed in {', '.join(loss.columns)}, the first with the key {loss.key}"


def _measured(
    metric: str, value: int, *, part: str = "", told: str = "", table: str = "", gates: bool = True
) -> Measurement:
    evidence = (Evidence(kind="write", text=told, table=table, source=""),) if told else ()
    return Measurement(
        scenario=SCENARIO, metric=METRICS[metric], part=part, values=(value,), evidence=evidence, gates=gates
    )
