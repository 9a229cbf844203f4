"""The master's wires: guard, plan, reports, the run's end. In a process alone, it is this very process."""

import logging
import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import gevent
import locust.runners
from locust import LoadTestShape

from reglab.config.profile import Profile
from reglab.config.targets import Target
from reglab.errors import RegLabError
from reglab.load.generator.agreement import agreement
from reglab.load.generator.arrivals import planned_counts
from reglab.load.generator.coordinator import Coordinator
from reglab.load.generator.plain_run import PlainRun
from reglab.load.load_module import LoadProject, load_project
from reglab.load.profiles import find_profile
from reglab.load.run_facts import FILES, is_used, save_run_facts
from reglab.load.target.allowlist import allowed_target, check_caps, check_workers
from reglab.load.target.http_client import DEADLINE_S, Api
from reglab.load.target.identity import prove
from reglab.load.target.proof import Proof
from reglab.load.target.tripwire import Tripwire
from reglab.load.writes.preparation import Preparation, new_run_id, prepare_rows, prepared_rows
from reglab.report.policy import Policy, chosen_policy
from reglab.report.runs import create_run

SPAWN_RATE = 100
IDENTITY_INTERVAL_S = 3.0
PORT_FILE = "master.port"
COULD_NOT_RUN, INCONCLUSIVE = 2, 3
_log = logging.getLogger(__name__)


class ProfileShape(LoadTestShape):
    """One user a worker for as long as the run lasts: users do not make the load here, arrivals do."""

    def tick(self) -> tuple[int, float] | None:
        """Return the number of users, or None when the run is over."""
        assert self.runner is not None  # noqa: S101  # Locust sets it before it asks
        environment: Any = self.runner.environment
        coordinator: Coordinator | None = environment.load_coordinator
        if environment.load_refused:
            environment.load_refused = False
            return None
        if coordinator is None:
            # Locust asks before it announces the start: this answer is what makes it announce.
            return (len(_worker_ids(self.runner)), SPAWN_RATE)
        return None if coordinator.is_over() else (coordinator.workers, SPAWN_RATE)


def wire_master(environment: Any, runner: Any) -> None:
    """Start a run when Locust starts a test, follow it, and conclude it when Locust stops it."""
    environment.load_coordinator = environment.load_plain_run = None
    environment.load_refused = False
    if environment.parsed_options.load_run and isinstance(runner, locust.runners.MasterRunner):
        # Bound to a free port; the workers learn which from this file.
        folder = Path(environment.parsed_options.load_run)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / PORT_FILE).write_text(str(runner.server.port), encoding="ascii")

    def start(**_: Any) -> None:
        try:
            coordinator = _begun(environment, runner)
        except RegLabError as error:
            _log.error("%s", error)  # a user's mistake gets one line
            environment.process_exit_code = COULD_NOT_RUN
            environment.load_refused = True
            return
        environment.load_coordinator = coordinator
        runner.send_message("load-plan", coordinator.plan())
        gevent.spawn(_follow, environment, runner, coordinator)
        gevent.spawn(_ask_again, environment, coordinator)

    def take_report(client_id: str, data: dict[str, Any], **_: Any) -> None:
        if environment.load_coordinator is not None and "load" in data:
            environment.load_coordinator.take_report(client_id, data["load"])

    def take_ledger(msg: Any, **_: Any) -> None:
        if environment.load_coordinator is not None:
            environment.load_coordinator.take_ledger(msg.node_id, msg.data["lines"])

    def take_stop(msg: Any, **_: Any) -> None:
        """Pass on at once what one worker has seen: its report would come within a second."""
        coordinator: Coordinator | None = environment.load_coordinator
        if coordinator is not None:
            coordinator.stop_by_worker(msg.data)
            runner.send_message("load-stop", {"reason": "another worker stopped the run", "kind": "inconclusive"})

    runner.register_message("load-stopped", take_stop)
    runner.register_message("load-ledger", take_ledger)
    environment.events.test_start.add_listener(start)
    environment.events.worker_report.add_listener(take_report)
    environment.events.test_stop.add_listener(lambda **_: _conclude_in_page(environment))
    environment.events.quitting.add_listener(lambda **_: _conclude(environment))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a run was asked for, checked against everything that can be checked before anything is sent."""

    project: LoadProject
    policy: Policy
    profile: Profile
    target: Target
    worker_ids: tuple[str, ...]

    @classmethod
    def of(cls, environment: Any, runner: Any) -> Self:
        """Read and check. Raises RegLabError."""
        project = load_project()
        profile = find_profile(environment.parsed_options.load_profile, project=project)
        target = allowed_target(environment.host or "(no --host given)", targets=project.targets)
        workers = tuple(_worker_ids(runner))
        check_caps(target, profile=profile, planned=planned_counts(profile, project.load))
        check_workers(profile, workers=len(workers))
        policy = chosen_policy(None, project.project.policy_path)
        return cls(project=project, policy=policy, profile=profile, target=target, worker_ids=workers)

    def coordinator(self, folder: Path, preparation: Preparation, proof: Proof) -> Coordinator:
        """Return what follows the run."""
        key, run = os.environ.get("LOADTEST_KEY", ""), preparation.run
        return Coordinator(
            profile=self.profile,
            target=self.target,
            proof=proof,
            agreement=agreement(module=self.project.module, key=key, run=run),
            run=run,
            rows=preparation.rows,
            folder=folder,
            worker_ids=self.worker_ids,
            tripwire=Tripwire.of_run(folder),
        )


def _begun(environment: Any, runner: Any) -> Coordinator:
    """Guard, prepare, and begin to watch. Raises RegLabError; then no load was, or will be, sent."""
    asked = _Asked.of(environment, runner)
    named = environment.parsed_options.load_run
    prepared = prepared_rows(Path(named)) if named else None
    if prepared is not None and not is_used(Path(named)):
        # The supervisor has made this folder, and does itself what comes before and after the load.
        proof = prove(asked.target, tripwire=Tripwire.of_run(Path(named)))
        return asked.coordinator(Path(named), prepared, proof)
    run_folder = _fresh_run_folder(named, asked.project.project.runs_path)
    folder = run_folder / FILES
    folder.mkdir()
    tripwire = Tripwire.of_run(folder)
    proof = prove(asked.target, tripwire=tripwire)
    run = new_run_id()
    save_run_facts(folder, origin=asked.target.origin, place=proof.place, run=run)
    token = os.environ.get("LOADTEST_TOKEN", "")
    api = Api(origin=asked.target.origin, token=token, proof=proof, tripwire=tripwire, deadline_s=DEADLINE_S)
    with closing(api):
        preparation = prepare_rows(asked.project.load, asked.profile, api=api, run=run, folder=folder)
    coordinator = asked.coordinator(folder, preparation, proof)
    environment.load_plain_run = PlainRun.begun(
        coordinator, project=asked.project, policy=asked.policy, run_folder=run_folder
    )
    return coordinator


def _fresh_run_folder(named: str, runs: Path) -> Path:
    """Return the run's folder. One that a run has used already is left alone: a second run begins clean, inside it."""
    if not named:
        return create_run(runs)
    folder = Path(named)
    folder.mkdir(parents=True, exist_ok=True)
    return folder if not (folder / FILES).exists() else create_run(folder)


def _follow(environment: Any, runner: Any, coordinator: Coordinator) -> None:
    """Each second: gather this process's own report, look for lost workers, save."""
    while environment.load_coordinator is coordinator:
        _take_own_report(environment, coordinator)
        _check_workers(runner, coordinator)
        try:
            coordinator.tick()
        except OSError as error:
            _log.error("the run's folder cannot be written: %s", error)  # a full disk is no bug
            coordinator.stop("inconclusive", f"the run's folder cannot be written: {error}")
            environment.process_exit_code = COULD_NOT_RUN
            return
        gevent.sleep(1)


def _check_workers(runner: Any, coordinator: Coordinator) -> None:
    """End the run where a worker is gone, whether it said good-bye or is silent."""
    if isinstance(runner, locust.runners.MasterRunner):
        clients = runner.clients.values()
        coordinator.check_workers([one.id for one in clients if one.state != locust.runners.STATE_MISSING])


def _ask_again(environment: Any, coordinator: Coordinator) -> None:
    """Have the target prove itself again and again: behind one address, another server may come to stand."""
    while environment.load_coordinator is coordinator and not coordinator.is_stopping:
        gevent.sleep(IDENTITY_INTERVAL_S)
        if not coordinator.is_stopping:
            coordinator.ask_identity()


def _conclude_in_page(environment: Any) -> None:
    """Conclude a run that the web page started: there, Locust goes on without quitting."""
    if not environment.parsed_options.headless:
        _conclude(environment)


def _conclude(environment: Any) -> None:
    """Save the last reports, settle accounts. Locust's exit code knows nothing of empty runs and lost workers."""
    coordinator: Coordinator | None = environment.load_coordinator
    if coordinator is None:
        environment.process_exit_code = environment.process_exit_code or INCONCLUSIVE
        return
    _check_workers(environment.runner, coordinator)
    if environment.parsed_options.headless:
        # Has the workers send their last reports; Locust itself does so only after this listener.
        environment.runner.quit()
    _take_own_report(environment, coordinator)
    coordinator.is_over()
    plain: PlainRun | None = environment.load_plain_run
    environment.load_coordinator = environment.load_plain_run = None
    try:
        coordinator.state.save(coordinator.folder)
        if plain is not None:
            environment.process_exit_code = plain.concluded()
    except (RegLabError, OSError) as error:
        _log.error("the run cannot be concluded: %s", error)  # a full disk is no bug
        environment.process_exit_code = COULD_NOT_RUN
    if not coordinator.state.is_complete or coordinator.state.reasons:
        environment.process_exit_code = environment.process_exit_code or INCONCLUSIVE


def _take_own_report(environment: Any, coordinator: Coordinator) -> None:
    generator = getattr(environment, "load_generator", None)
    if generator is not None and generator.is_begun:
        coordinator.take_report("local", generator.report())


def _worker_ids(runner: Any) -> list[str]:
    return sorted(runner.clients) if isinstance(runner, locust.runners.MasterRunner) else [runner.client_id]
