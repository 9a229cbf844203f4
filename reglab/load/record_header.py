"""Header of a load test's record, the same whichever way the run was started: two runs are compared by it."""

from pathlib import Path
from typing import Final

from reglab.config.profile import Profile
from reglab.load.generator.agreement import agreement
from reglab.load.load_module import LoadProject
from reglab.load.profiles import digest_of
from reglab.report.environment import present_environment, revision
from reglab.report.record_files import now
from reglab.report.records import Header

RECORD: Final = "load.jsonl"
OWN_SERVICE: Final = "own service"


def header_of(
    project: LoadProject, profile: Profile, *, run_folder: Path, run: str, workers: int, target: str | None
) -> Header:
    """Return the header of a run's record. `target` is an origin, None for a service that was started for it."""
    return Header(
        instrument="load",
        run=run_folder.name,
        subject=project.project.subject[0],
        revision=revision(project.project.folder),
        environment=present_environment(),
        started_at=now(),
        context={
            "load_id": run,
            "profile": profile.name,
            "profile_digest": digest_of(profile),
            "module_digest": agreement(module=project.module, key="", run="")["module"],
            "workers": str(workers),
            "target": target or OWN_SERVICE,
        },
    )
