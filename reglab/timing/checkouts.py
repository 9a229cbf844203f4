"""The sides' subjects on disk: the baseline out of git, the candidate out of git or as it lies in the work tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reglab.errors import ComparisonError
from reglab.report.environment import revision
from reglab.timing.repository import Repository, same_files
from reglab.timing.variants import BASELINE, CANDIDATE, SENTINEL, Side

_FILES_NAMED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisions:
    """What is compared: two commits, or a commit and the work tree (`candidate` is then empty)."""

    baseline: str
    candidate: str
    changes: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """Name the candidate for a reader."""
        if self.candidate:
            return self.candidate[:12]
        changed = f" with {len(self.changes)} changed file{'s' * (len(self.changes) != 1)}" if self.changes else ""
        return f"the working tree{changed}"


def resolved(repository: Repository, *, baseline: str, candidate: str | None) -> Revisions:
    """Find the revisions. Raises ComparisonError for an unknown one, and for a named candidate in a dirty tree.

    Who names a commit while the subject has uncommitted changes would read the result as theirs; without a candidate
    the work tree is measured, changes and all.
    """
    commit = repository.commit(baseline)
    changes = repository.changes()
    if candidate is None:
        return Revisions(baseline=commit, candidate="", changes=changes)
    found = repository.commit(candidate)
    if changes:
        named = ", ".join(changes[:_FILES_NAMED])
        raise ComparisonError(
            f"the working tree has uncommitted changes in the subject ({named}), which {candidate!r} does not contain: "
            "commit or stash them, or leave the candidate out to measure the working tree"
        )
    return Revisions(baseline=commit, candidate=found)


def exported(
    repository: Repository, revisions: Revisions, *, folder: Path, baseline_python: str, python: str
) -> tuple[list[Side], tuple[str, ...]]:
    """Write both subjects below `folder`; return the three sides, and notes on what could not be written.

    The sentinel shares the baseline's files.
    """
    baseline, candidate = folder / BASELINE, folder / CANDIDATE
    for path in (baseline, candidate):
        path.mkdir()
    repository.export(revisions.baseline, baseline)
    if revisions.candidate:
        repository.export(revisions.candidate, candidate)
    else:
        repository.snapshot(candidate)
    notes = repository.settle(baseline, candidate)
    return [
        Side(name=BASELINE, revision=revisions.baseline, folder=baseline, python=baseline_python),
        Side(name=CANDIDATE, revision=revisions.candidate, folder=candidate, python=python),
        Side(name=SENTINEL, revision=revisions.baseline, folder=baseline, python=baseline_python),
    ], notes


def are_identical(sides: Sequence[Side]) -> bool:
    """Return whether nothing differs between baseline and candidate: then the comparison measures the machine."""
    return same_files(sides[0].folder, sides[1].folder) and sides[0].python == sides[1].python


def candidate_revision(repository: Repository, revisions: Revisions) -> str:
    """Return the revision that the record is about, as every other record of the run spells it."""
    return revisions.candidate or revision(repository.folder)
