"""Lines of the record of the migrations audit."""

import re
from collections.abc import Iterator

from django.db import connection

from reglab.errors import AuditError
from reglab.metrics import METRICS
from reglab.migrations_audit.applied import BLOCKED_BY, Applied
from reglab.migrations_audit.audit import Examined, examined
from reglab.migrations_audit.base_revision import (
    BRANCHES,
    BaseMissingError,
    base_revision,
    edited_migrations,
    new_migrations,
    shown,
)
from reglab.migrations_audit.indexes import askers
from reglab.migrations_audit.places import place_about, place_of
from reglab.migrations_audit.rows import Loss
from reglab.project.audit_ground import AuditGround
from reglab.report.records import Evidence, Measurement, Remark, RemarkKind

Line = Measurement | Remark
# As PostgreSQL names a column: "column yard_tag.color does not exist".
_COLUMN = re.compile(r'column "?(?:\w+"?\."?)?(\w+)"?')
SCENARIO = "(migrations)"


def lines(ground: AuditGround, *, base: str = "", is_alone: bool = False) -> Iterator[Line]:
    """Examine the migrations that the base does not have; without any there is nothing to examine.

    Raises AuditError where this audit `is_alone`, or a base was named, and nothing can be examined.
    """
    try:
        revision = base_revision(base)
        new, edited = new_migrations(revision), edited_migrations(revision)
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
    if (new or edited) and not ground.is_postgresql:
        yield Remark(
            kind=RemarkKind.NOTE,
            text=f"{shown((*new, *edited))}: not examined: locks are PostgreSQL's, and the database is "
            f"{connection.vendor}",
        )
        return
    if not (new or edited):
        # Nothing new is nothing wrong: each rule has its answer.
        for metric in (
            "migration_errors",
            "rows_lost",
            "blocking_locks",
            "long_locks",
            "tables_rewritten",
            "irreversible_migrations",
            "constraints_lost",
            "schemas_apart",
            "indexes_lost",
        ):
            yield _measured(metric, 0)
    else:
        found = examined(revision, new, edited=edited, say=ground.say)
        yield from _of(found)
        yield from _dropped(found, ground)


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
        yield from _locks(one, found)
    for metric, is_there in (
        ("blocking_locks", any(mode in BLOCKED_BY for one in found.applied for _, mode in one.locks)),
        ("long_locks", any(one.work_under_lock or _built_against_custom(one, found) for one in found.applied)),
        ("tables_rewritten", any(one.rewritten for one in found.applied)),
        ("irreversible_migrations", bool(found.irreversible or found.lost_backwards)),
        ("constraints_lost", any(one.lost_constraints for one in found.applied)),
    ):
        if not is_there:
            yield _measured(metric, 0)
    yield from _apart(found)
    for name, reason in found.irreversible.items():
        source = next((place_of(one) for one in found.migrations if shown((one,)) == name), "")
        yield _measured("irreversible_migrations", 1, part=name, told=f"{name} cannot be undone: {reason}", at=source)
    for loss in found.lost_backwards:
        told = f"undone, {_sentence(loss)} since before"
        yield _measured(
            "irreversible_migrations",
            1,
            part=f"{loss.table} {loss.verb}",
            told=told,
            table=loss.table,
            at=place_about(found.migrations, table=loss.table),
        )


def _apart(found: Examined) -> Iterator[Line]:
    """Tell, table by table, what databases lack that ran a migration before it was edited."""
    for table, differences in found.apart:
        told = (
            f"{shown(found.edited)} was edited, and where it ran it never runs again: "
            f"a database that is upgraded has another {table} than a new one: {differences}"
        )
        source = place_about(found.edited, table=table)
        yield _measured("schemas_apart", 1, part=table, told=told, table=table, at=source)
    if not found.apart:
        yield _measured("schemas_apart", 0)


def _locks(one: Applied, found: Examined) -> Iterator[Line]:
    for (table, mode), sql in sorted(one.locks.items()):
        if mode in BLOCKED_BY and table not in _built_against_custom(one, found):
            told = f"{one.name} holds {mode} on {table}, which {BLOCKED_BY[mode]} wait for, from: {sql}"
            part = f"{one.name} {table} {mode}"
            yield _measured("blocking_locks", 1, part=part, told=told, table=table, at=one.place_of(sql))
    for table, sql in one.work_under_lock.items():
        told = f"{one.name} works on rows while readers and writers of {table} wait: {sql}"
        yield _measured("long_locks", 1, part=f"{one.name} {table}", told=told, table=table, at=one.place_of(sql))
    for table, sql in _built_against_custom(one, found).items():
        told = (
            f"{one.name} builds an index while writers of {table} wait, the longer the larger it is, and "
            f"{found.concurrent_before} built its own beside them: {sql}"
        )
        yield _measured("long_locks", 1, part=f"{one.name} {table}", told=told, table=table, at=one.place_of(sql))
    for table in one.rewritten:
        told = f"{one.name} rewrites the whole table {table}"
        source = place_about((one.migration,), table=table)
        yield _measured("tables_rewritten", 1, part=f"{one.name} {table}", told=told, table=table, at=source)
    for lost in one.lost_constraints:
        told = f"{one.name} drops {lost.told}, and nothing stands in for it"
        table, name = lost.constraint.table, lost.constraint.name
        source = place_about((one.migration,), table=table, name=name)
        yield _measured("constraints_lost", 1, part=f"{one.name} {name}", told=told, table=table, at=source)


def _dropped(found: Examined, ground: AuditGround) -> Iterator[Line]:
    """Tell of the indexes that are gone: one that a scenario's statement still asks for is missed."""
    gone = [(one, index) for one in found.applied for index in one.dropped_indexes]
    asking = askers([index for _, index in gone], ground) if gone else {}
    for one, index in gone:
        told = f"{one.name} drops the index {index.name} of {index.table} ({index.method} on {index.begins_with})"
        if index.name not in asking:
            yield Remark(
                kind=RemarkKind.NOTE,
                text=told,
                next_step="Look at what the index served: no scenario asks by what it was on.",
            )
            continue
        scenario, group = asking[index.name]
        said = f"{told}, no other one begins there, and {scenario} asks by it: {group.shape.text}"
        evidence = Evidence(
            kind="plan",
            text=said,
            table=index.table,
            source=place_about((one.migration,), table=index.table, name=index.name),
            frames=tuple(filter(None, (group.source, *group.frames))),
        )
        part = f"{one.name} {index.name}"
        yield Measurement(
            scenario=SCENARIO, metric=METRICS["indexes_lost"], part=part, values=(1,), evidence=(evidence,)
        )
    if not asking:
        yield _measured("indexes_lost", 0)


def _built_against_custom(one: Applied, found: Examined) -> dict[str, str]:
    """Return the indexes that keep writers waiting, by table, where an earlier migration took care not to.

    Elsewhere the tables may be small: there it is a note on the lock.
    """
    return one.built_under_lock if found.concurrent_before else {}


def _errors(found: Examined) -> Iterator[Line]:
    for one in found.applied:
        yield _measured(
            "migration_errors",
            int(bool(one.error)),
            part=one.name,
            told=f"{one.name}: {one.error}" if one.error else "",
            at=one.place_of() if one.error else "",
        )
    for complaint in found.complaints:
        scenario, _, said = complaint.partition(": ")
        told = (
            f"the base's code on the new schema ({shown(found.migrations)}): {said}, in {scenario}; "
            "both run while a deployment rolls"
        )
        column = _COLUMN.search(said)
        source = place_about(found.migrations, name=column[1] if column else "")
        yield _measured("migration_errors", 1, part=scenario, told=told, at=source)
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
        *(
            (loss, ", of copies that differ in their key alone, and that nothing points at")
            for loss in found.lost_with_twins
        ),
        *((loss, ", of rows whose texts are at their limits") for loss in found.lost_at_limits),
    ]
    for loss, how in everything:
        told = f"{shown(found.migrations)}: {_sentence(loss)}{how}"
        source = place_about(found.migrations, table=loss.table)
        part = f"{loss.table} {loss.verb}"
        yield _measured("rows_lost", loss.rows, part=part, told=told, table=loss.table, at=source)
    lost = list(_swaps(found))
    yield from lost
    if not everything and not any(isinstance(line, Measurement) for line in lost):
        yield _measured("rows_lost", 0)


def _swaps(found: Examined) -> Iterator[Line]:
    """Tell of columns that are taken away with their values: for a new name there is an operation that keeps them."""
    for swap in found.swapped:
        rows = f"{swap.rows} row{'s' * (swap.rows != 1)} of {swap.table}"
        if not swap.new:
            yield Remark(
                kind=RemarkKind.NOTE,
                text=f"{shown(found.migrations)} takes {swap.old} away, with its values in {rows}",
            )
            continue
        told = (
            f"{shown(found.migrations)}: the values of {swap.old} in {rows} are lost, and {swap.new}, which is added "
            "beside it, has none of them: for a new name there is RenameField"
        )
        source = place_about(found.migrations, name=swap.old)
        part = f"{swap.table}.{swap.old}"
        yield _measured("rows_lost", swap.rows, part=part, told=told, table=swap.table, at=source)


def _sentence(loss: Loss) -> str:
    rows = f"{loss.rows} row{'s' * (loss.rows != 1)} of {loss.table}"
    if loss.verb == "delete":
        return f"{rows} deleted, the first with the key {loss.key}"
    return f"{rows} changed in {', '.join(loss.columns)}, the first with the key {loss.key}"


def _measured(
    metric: str, value: int, *, part: str = "", told: str = "", table: str = "", at: str = "", gates: bool = True
) -> Measurement:
    evidence = (Evidence(kind="write", text=told, table=table, source=at),) if told else ()
    return Measurement(
        scenario=SCENARIO, metric=METRICS[metric], part=part, values=(value,), evidence=evidence, gates=gates
    )
