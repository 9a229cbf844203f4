"""Removes the rows of a run, each only after it was read and carries the run's id, and looks again afterwards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reglab.errors import LoadTestError, UnsafeTargetError
from reglab.load.operations import Kind, Load, View
from reglab.load.pool import Id
from reglab.load.target.http_client import Api
from reglab.load.writes.reading_back import created_ids
from reglab.load.writes.write_ledger import Fate, Write

BATCH = 50
TRIES = 2


@dataclass(slots=True, kw_only=True)
class Cleanup:
    """Deletes the rows of one run. `prove` has the target prove itself anew, and raises where it does not.

    `leftover` names rows that are still there, `foreign` those behind an id of the run that are not the run's.
    """

    load: Load
    api: Api
    run: str
    prove: Callable[[], None]
    removed: int = 0
    foreign: tuple[str, ...] = ()

    def remove(self, writes: Sequence[Write], views: Sequence[View]) -> None:
        """Delete, kind by kind, what the views and the ledger know; never more rows than the run has created.

        Raises LoadTestError where the service gives no answer, UnsafeTargetError where it does not prove itself.
        """
        known = created_ids(self.load, writes)
        for kind in self.load.kinds:
            if not kind.is_removed:
                continue
            seen = [row.id for view in views for row in view.rows if row.kind == kind.name]
            rows = list(dict.fromkeys([*seen, *known.get(kind.name, ())]))
            # What is beyond the run's own number stays, and is seen by the last look.
            most = _created(writes, kind)
            for begin in range(0, len(rows), BATCH):
                self.prove()
                for row in rows[begin : begin + BATCH]:
                    most -= most > 0 and self._remove(kind, row)

    def _remove(self, kind: Kind, row: Id) -> bool:
        """Read a row and, where it is the run's, delete it in the same breath, on the same connection."""
        path = kind.path_of(row, run=self.run)
        for attempt in range(1, TRIES + 1):
            reply = self.api.get(path)
            if reply.status in (404, 410):
                return False
            if reply.status != 200 or not kind.is_marked(reply.json, run=self.run):
                why = "another content than the run's" if reply.status == 200 else f"answered {reply.status}"
                self.foreign = (*self.foreign, f"{kind.name} {row} ({why}: it was not deleted)")
                return False
            try:
                status = self.api.request("DELETE", path).status
            except UnsafeTargetError:
                raise
            except LoadTestError:
                if attempt == TRIES:
                    raise
                continue  # it may be gone, or not: it is read again first
            if 200 <= status < 300:
                self.removed += 1
                return True
            return False
        return False


def _created(writes: Sequence[Write], kind: Kind) -> int:
    """Count the rows of a kind that the run may have created: acknowledged, or without an answer."""
    return sum(
        effect.kind == kind.name and effect.change == "create"
        for write in writes
        if write.fate is not Fate.FAILED
        for effect in write.effects
    )


def leftover_of(views: Sequence[View]) -> tuple[str, ...]:
    """Name the rows that are still there."""
    return tuple(sorted({f"{row.kind} {row.id}" for view in views for row in view.rows}))


def unseen(writes: Sequence[Write]) -> tuple[str, ...]:
    """Name the rows that may have been made, and whose ids no answer told: only a list of rows could show them."""
    return tuple(
        f"{write.effects[0].kind} ({write.effects[0].key}): {write.request} got no answer with its id, and without "
        "`views` in the load module nobody can look for it"
        for write in writes
        if write.effects[0].change == "create" and not write.row and write.fate is not Fate.FAILED
    )


def possibly_left(writes: Sequence[Write]) -> tuple[str, ...]:
    """Name the rows that the ledger says may be there, without asking anyone."""
    return tuple(
        f"{effect.kind} {write.row if number == 0 and write.row else ''} ({effect.key})".replace("  ", " ")
        for write in writes
        if write.fate is not Fate.FAILED
        for number, effect in enumerate(write.effects)
        if effect.change == "create"
    )
