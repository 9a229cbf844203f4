"""The master's wires: guard, plan, reports, the run's end. In a process alone, it is this very process."""

import logging
import os
import tempfile
from pathlib import Path
from typing import Any

import gevent
import locust.runners
from locust import LoadTestShape

from reglab.config.targets import Target
from reglab.errors import LoadTestError
from reglab.load.generator.agreement import agreement
from reglab.load.generator.arrivals import planned_counts
from reglab.load.generator.coordinator import Coordinator
from reglab.load.load_module import load_project
from reglab.load.profiles import find_profile
from reglab.load.run_facts import clean_command, is_used, save_run_facts
from reglab.load.target.allowlist import allowed_target, check_caps, check_workers
from reglab.load.target.http_client import Api
from reglab.load.target.identity import prove
from reglab.load.target.proof import Proof
from reglab.load.target.tripwire import Tripwire
from reglab.load.writes.preparation import new_run_id, prepare_rows, prepared_rows
from reglab.load.writes.teardown import Teardown

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
    environment.load_coordinator = None
    environment.load_refused = False
    if environment.parsed_options.load_run and isinstance(runner, locust.runners.MasterRunner):
        # Bound to a free port; the workers learn which from this file.
        (Path(environment.parsed_options.load_run) / PORT_FILE).write_text(str(runner.server.port), encoding="ascii")

    def start(**_: Any) -> None:
        try:
            coordinator = _coordinator(environment, runner)
        except LoadTestError as error:
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

    def take_stop(msg: Any, **_: Any) -> None:
        """Pass on at once what one worker has seen: its report would come within a second."""
        coordinator: Coordinator | None = environment.load_coordinator
        if coordinator is not None:
            coordinator.stop_by_worker(msg.data)
            runner.send_message("load-stop", {"reason": "another worker stopped the run", "kind": "inconclusive"})

    runner.register_message("load-stopped", take_stop)
    environment.events.test_start.add_listener(start)
    environment.events.worker_report.add_listener(take_report)
    environment.events.test_stop.add_listener(lambda **_: _conclude_in_page(environment))
    environment.events.quitting.add_listener(lambda **_: _conclude(environment))


def _coordinator(environment: Any, runner: Any) -> Coordinator:
    """Guard, then prepare. Raises LoadTestError; then nothing was, or will be, sent."""
    options = environment.parsed_options
    project = load_project()
    folder = _fresh_folder(options.load_run)
    profile = find_profile(options.load_profile, project=project)
    target = allowed_target(environment.host or "(no --host given)", targets=project.targets)
    check_caps(target, profile=profile, planned=planned_counts(profile, project.load))
    check_workers(profile, workers=len(_worker_ids(runner)))
    tripwire = Tripwire.of_run(folder)
    proof = prove(target, tripwire=tripwire)
    prepared = prepared_rows(folder)
    run = prepared.run if prepared else new_run_id()
    if prepared is None:
        api = _api(target, proof, tripwire)
        save_run_facts(folder, origin=target.origin, run=run)
        prepared_now = prepare_rows(project.load, profile, api=api, run=run, folder=folder)
        api.close()
    preparation = prepared or prepared_now
    return Coordinator(
        profile=profile,
        target=target,
        proof=proof,
        agreement=agreement(module=project.module, key=os.environ.get("LOADTEST_KEY", ""), run=run),
        run=run,
        rows=preparation.rows,
        folder=folder,
        worker_ids=tuple(_worker_ids(runner)),
        tripwire=tripwire,
        is_supervised=prepared is not None,
    )


def _fresh_folder(named: str) -> Path:
    """Return the run's folder. One that a run has used already is left alone: a second run begins clean, beside it."""
    if not named:
        return Path(tempfile.mkdtemp(prefix="loadtest-"))
    folder = Path(named)
    folder.mkdir(parents=True, exist_ok=True)
    if not is_used(folder):
        return folder
    return Path(tempfile.mkdtemp(prefix="again-", dir=folder))


def _api(target: Target, proof: Proof, tripwire: Tripwire) -> Api:
    return Api(
        origin=target.origin, token=os.environ.get("LOADTEST_TOKEN", ""), proof=proof, tripwire=tripwire, deadline_s=30
    )


def _follow(environment: Any, runner: Any, coordinator: Coordinator) -> None:
    """Each second: gather this process's own report, look for lost workers, save."""
    while environment.load_coordinator is coordinator:
        _take_own_report(environment, coordinator)
        if isinstance(runner, locust.runners.MasterRunner):
            clients = runner.clients.values()
            coordinator.check_workers([one.id for one in clients if one.state != locust.runners.STATE_MISSING])
        try:
            coordinator.tick()
        except OSError as error:
            _log.error("the run's folder cannot be written: %s", error)  # a full disk is no bug
            coordinator.stop("inconclusive", f"the run's folder cannot be written: {error}")
            environment.process_exit_code = COULD_NOT_RUN
            return
        gevent.sleep(1)


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
    if environment.parsed_options.headless:
        # Has the workers send their last reports; Locust itself does so only after this listener.
        environment.runner.quit()
    _take_own_report(environment, coordinator)
    coordinator.is_over()
    environment.load_coordinator = None
    try:
        coordinator.state.save(coordinator.folder)
    except OSError as error:
        _log.error("the run's folder cannot be written: %s", error)  # a full disk is no bug
        environment.process_exit_code = COULD_NOT_RUN
    if not coordinator.state.is_complete or coordinator.state.reasons:
        environment.process_exit_code = environment.process_exit_code or INCONCLUSIVE
    if not coordinator.is_supervised:
        _settle(environment, coordinator)


def _settle(environment: Any, coordinator: Coordinator) -> None:
    """Reconcile and clean up a run that nobody supervises, and say what was found."""
    api = _api(coordinator.target, coordinator.proof, coordinator.tripwire)
    settlement = Teardown(
        load=load_project().load,
        folder=coordinator.folder,
        api=api,
        run=coordinator.run,
        prove=coordinator.prove_anew,
        doubt=f"{len(coordinator.lost)} workers vanished" if coordinator.lost else "",
        clean_with=clean_command(coordinator.folder),
    ).settle()
    api.close()
    for remark in settlement.remarks(coordinator.profile.name):
        _log.info("%s (files in %s)", remark.text, coordinator.folder)
    for contradiction in () if settlement.doubt else settlement.contradictions:
        _log.error("%s: %s", contradiction.kind, contradiction.text)
    if settlement.is_unsafe:
        environment.process_exit_code = COULD_NOT_RUN
    elif settlement.problem or settlement.doubt:
        environment.process_exit_code = environment.process_exit_code or INCONCLUSIVE
    elif settlement.contradictions:
        environment.process_exit_code = 1
    elif settlement.leftover:
        environment.process_exit_code = environment.process_exit_code or INCONCLUSIVE


def _take_own_report(environment: Any, coordinator: Coordinator) -> None:
    generator = getattr(environment, "load_generator", None)
    if generator is not None and generator.is_begun:
        coordinator.take_report("local", generator.report())


def _worker_ids(runner: Any) -> list[str]:
    return sorted(runner.clients) if isinstance(runner, locust.runners.MasterRunner) else [runner.client_id]
