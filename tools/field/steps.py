"""The documented path, step by step: a first draft, three audits in fresh processes, and one with the planted N+1.

By name alone: the audits beyond counting, what they find at first, what is then accepted, and once more.
"""

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tools.field.environments import environment_of, install_harness
from tools.field.errors import FieldError
from tools.field.observations import SUITE, observed
from tools.field.places import RECORDS, REPOSITORY, STATE
from tools.field.processes import run
from tools.field.projects import Project
from tools.field.results import Result, keep_result, of_digest, read_results, results_path
from tools.field.services import services
from tools.field.sites import make_site, plant

INIT: Final = "init"
AUDITS: Final = ("audit 1", "audit 2", "audit 3")
PLANTED: Final = "planted"
STEPS: Final = (INIT, *AUDITS, PLANTED)
PROBE: Final = "probe"
PROBE_ACCEPTED: Final = "probe accepted"
PROBES: Final = (PROBE, PROBE_ACCEPTED, "probe again")
# A net for what hangs, wide enough for a machine that does other things as well.
SECONDS_MAX: Final = {"small": 3600.0, "large": 3 * 3600.0}
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class FieldTest:
    """The field test of one project, in a folder of its own."""

    project: Project
    say: Say
    state: Path = STATE
    records: Path = RECORDS
    workers: int = 1

    @property
    def folder(self) -> Path:
        """Where the project's environment, its site and its records are."""
        return self.state / self.project.name

    @property
    def results(self) -> Path:
        """The file of the project's results."""
        return results_path(self.records, self.project.name)

    def run(self, *, is_again: bool = False, only: Sequence[str] = ()) -> None:
        """Execute the steps whose result does not hold any more; a draft that is made anew makes all later ones anew.

        With `only`, these are executed and no others, on the draft that is there: the page shows which harness made
        each result. Raises FieldError where the project cannot be set up.
        """
        digest = digest_of(self.project)
        kept = {} if is_again else of_digest(read_results(self.results), digest)
        missing = [step for step in (*STEPS, *PROBES) if step in only]
        if not only:
            missing = [step for step in STEPS if step not in kept]
        if only and INIT not in only and not (self.folder / "site" / SUITE).is_dir():
            raise FieldError(f"{self.project.name}: there is no draft to audit: run it without --step first")
        if not missing:
            self.say(f"{self.project.name}: all steps are there")
            return
        bin_folder = environment_of(self.project, self.folder / "environment")
        install_harness(self.project, self.folder / "environment")
        if INIT in missing:
            missing = missing if only else list(STEPS)
            make_site(self.project, self.folder / "site", bin_folder=bin_folder)
        with services(self.project) as variables:
            for step in missing:
                done = self._execute(step, digest=digest, bin_folder=bin_folder, variables=variables)
                if step == INIT and done.exit_code != 0:
                    # Without a draft there is nothing to audit.
                    break

    def _execute(self, step: str, *, digest: str, bin_folder: Path, variables: Mapping[str, str]) -> Result:
        self.say(f"{self.project.name}: {step}")
        site, planted_at = self.folder / "site", ""
        if step == PLANTED:
            # A copy: what is planted never reaches the project of the other steps.
            site = self.folder / "planted"
            shutil.rmtree(site, ignore_errors=True)
            shutil.copytree(self.folder / "site", site)
            planted_at = plant(self.project.planted, site)
        records = self.folder / "runs" / step.replace(" ", "-")
        shutil.rmtree(records, ignore_errors=True)
        records.mkdir(parents=True)
        output = records / "output.txt"
        done = run(
            [bin_folder / "reglab", *arguments_of(step, self.project, records=records, workers=self.workers)],
            folder=site,
            environment=self._environment(step, site=site, bin_folder=bin_folder, variables=variables),
            output=output,
            seconds_max=SECONDS_MAX[self.project.size],
        )
        seen = observed(site, records, output=output, planted_at=planted_at)
        result = Result(
            project=self.project.name,
            version=self.project.version,
            step=step,
            digest=digest,
            exit_code=done.exit_code,
            seconds=round(done.seconds, 1),
            cpu_seconds=round(done.cpu_seconds, 1),
            peak_megabytes=round(done.peak_megabytes, 1),
            is_timed_out=done.is_timed_out,
            workers=self.workers,
            date=datetime.now(UTC).date().isoformat(),
            gets=seen.gets,
            writes=seen.writes,
            waived_by_reason=seen.waived_by_reason,
            known=seen.known,
            findings=seen.findings,
            planted_at=planted_at,
            planted_rank=seen.planted_rank,
            last_words=seen.last_words,
        )
        keep_result(self.results, result)
        self.say(f"{self.project.name}: {step}: exit {done.exit_code} after {done.seconds:.0f} s")
        return result

    def _environment(self, step: str, *, site: Path, bin_folder: Path, variables: Mapping[str, str]) -> dict[str, str]:
        own = {name: value.replace("{site}", str(site)) for name, value in self.project.environment.items()}
        # Each process has another order of its sets and another stream of its hashes.
        seed = str((*STEPS, *PROBES).index(step) + 1)
        path = f"{bin_folder}:/usr/local/bin:/usr/bin:/bin"
        return {**own, **variables, "PYTHONHASHSEED": seed, "PATH": path, "CI": "1"}


def arguments_of(step: str, project: Project, *, records: Path, workers: int = 1) -> tuple[str, ...]:
    """Return the arguments of `reglab` in a step, as the documentation shows them."""
    shared = ("--run", str(records), *(("--workers", str(workers)) if workers > 1 else ()))
    if step == INIT:
        return ("init", "--settings", project.settings, *shared)
    if step == PROBE_ACCEPTED:
        return ("probe", "--accept", "As it was when the field test began.", "--run", str(records))
    if step in PROBES:
        return ("probe", "--run", str(records))
    return ("audit", *shared)


def digest_of(project: Project) -> str:
    """Return what a result holds for: the harness's code, and the project's pins, entry and files."""
    seen = hashlib.sha256()
    own = [project.lock, *sorted(project.files.parent.rglob("*.*"))]
    for path in (*sorted((REPOSITORY / "reglab").rglob("*.py")), *own):
        if path.is_file() and "__pycache__" not in path.parts:
            seen.update(path.read_bytes())
    return seen.hexdigest()[:16]


def unmet(test: FieldTest) -> list[str]:
    """Return what the documentation promises and the project's results do not show."""
    results = {result.step: result for result in read_results(test.results)}
    failures = [
        f"{step} ended with {results[step].exit_code}, expected 0" for step in (INIT, *AUDITS) if _failed(results, step)
    ]
    planted = results.get(PLANTED)
    if planted is None or planted.exit_code != 1 or planted.planted_rank != 1:
        failures.append(f"the planted N+1 is not the first finding: {planted.last_words if planted else 'not run'}")
    return failures


def _failed(results: Mapping[str, Result], step: str) -> bool:
    return step in results and results[step].exit_code != 0
