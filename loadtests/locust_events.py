"""Ties a run to Locust: options, the plan's way to the workers, the reports' way back, and the run's end."""

import logging
import os
import tempfile
from pathlib import Path
from typing import Any

import gevent
import locust.runners
from locust import LoadTestShape, events

from loadtests.api import Api
from loadtests.arrivals import planned_counts
from loadtests.coordinator import Coordinator
from loadtests.errors import LoadTestError
from loadtests.generator import Generator
from loadtests.preparation import new_run_id, prepare_rows, prepared_rows
from loadtests.profiles import find_profile
from loadtests.target import allowed_target, check_caps, prove

# Reports are cumulative, so a second's loss is the most that a killed worker takes with it.
locust.runners.WORKER_REPORT_INTERVAL = 1.0
SPAWN_RATE = 100
IDENTITY_INTERVAL_S = 3.0
PORT_FILE = "master.port"
_log = logging.getLogger(__name__)


class ProfileShape(LoadTestShape):  # type: ignore[misc]  # Locust ships no types for it
    """One user a worker for as long as the run lasts: users do not make the load here, arrivals do."""

    def tick(self) -> tuple[int, float] | None:
        """Return the number of users, or None when the run is over."""
        environment = self.runner.environment
        coordinator: Coordinator | None = getattr(environment, "load_coordinator", None)
        if coordinator is None:
            # Locust asks before it announces the start: this answer is what makes it announce.
            return (_worker_count(self.runner), SPAWN_RATE)
        return None if coordinator.is_over() else (coordinator.workers, SPAWN_RATE)


@events.init_command_line_parser.add_listener
def _add_options(parser: Any) -> None:
    group = parser.add_argument_group("Load profile")
    group.add_argument("--load-profile", env_var="LOADTEST_PROFILE", default="smoke", help="name or path of a profile")
    group.add_argument("--load-run", env_var="LOADTEST_RUN_FOLDER", default="", help="folder for the run's files")


@events.init.add_listener
def _wire(environment: Any, runner: Any, **_: Any) -> None:
    if isinstance(runner, locust.runners.MasterRunner):
        _wire_master(environment, runner)
    elif isinstance(runner, locust.runners.WorkerRunner):
        _wire_worker(environment, runner)
    else:
        _wire_worker(environment, runner)
        _wire_master(environment, runner)


def _wire_worker(environment: Any, runner: Any) -> None:
    def take_plan(environment: Any, msg: Any, **_: Any) -> None:
        index = msg.data["worker_ids"].index(runner.client_id)
        token = os.environ.get("LOADTEST_TOKEN", "")
        environment.load_generator = Generator.from_plan(msg.data, index=index, token=token)

    def report(client_id: str, data: dict[str, Any], **_: Any) -> None:  # noqa: ARG001  # Locust passes it by name
        generator = getattr(environment, "load_generator", None)
        if generator is not None and generator.is_begun:
            data["load"] = generator.report()

    runner.register_message("load-plan", take_plan)
    environment.events.report_to_master.add_listener(report)


def _wire_master(environment: Any, runner: Any) -> None:
    if environment.parsed_options.load_run and isinstance(runner, locust.runners.MasterRunner):
        # Bound to a free port; the workers learn which from this file.
        (Path(environment.parsed_options.load_run) / PORT_FILE).write_text(str(runner.server.port), encoding="ascii")

    def start(**_: Any) -> None:
        environment.load_coordinator = None
        coordinator = _coordinator(environment, runner)
        worker_ids = _worker_ids(runner)
        environment.load_coordinator = coordinator
        runner.send_message("load-plan", {**coordinator.plan(), "worker_ids": worker_ids})
        gevent.spawn(_follow, environment, runner, coordinator)
        gevent.spawn(_ask_again, environment, coordinator)

    def take_report(client_id: str, data: dict[str, Any], **_: Any) -> None:
        coordinator = getattr(environment, "load_coordinator", None)
        if coordinator is not None and "load" in data:
            coordinator.take_report(client_id, data["load"])

    environment.events.test_start.add_listener(start)
    environment.events.worker_report.add_listener(take_report)
    environment.events.quitting.add_listener(_conclude)


def _coordinator(environment: Any, runner: Any) -> Coordinator:
    options = environment.parsed_options
    folder = Path(options.load_run or tempfile.mkdtemp(prefix="loadtest-"))
    try:
        profile = find_profile(options.load_profile)
        if not environment.host:
            raise LoadTestError("no target: give --host http://127.0.0.1:8000")
        api = Api(origin=environment.host, token=os.environ.get("LOADTEST_TOKEN", ""))
        target = allowed_target(environment.host)
        check_caps(target, profile=profile, planned=planned_counts(profile))
        revision = prove(target, api=api)
        preparation = prepared_rows(folder) or prepare_rows(profile, api=api, run=new_run_id(), folder=folder)
    except LoadTestError as error:
        # Nothing may be sent; Locust would go on after an exception in a listener.
        _log.error("%s", error)  # noqa: TRY400  # a user's mistake gets one line
        environment.process_exit_code = 2
        raise
    return Coordinator(
        profile=profile,
        target=target,
        revision=revision,
        run=preparation.run,
        rows=preparation.rows,
        folder=folder,
        workers=_worker_count(runner),
    )


def _follow(environment: Any, runner: Any, coordinator: Coordinator) -> None:
    """Each second: gather this process's own report, look for lost workers, save."""
    while environment.load_coordinator is coordinator:
        generator = getattr(environment, "load_generator", None)
        if generator is not None and generator.is_begun:
            coordinator.take_report("local", generator.report())
        for client in getattr(runner, "clients", {}).values():
            if client.state == locust.runners.STATE_MISSING:
                coordinator.lose_worker(client.id)
        try:
            coordinator.tick()
        except OSError as error:
            _log.error("the run's folder cannot be written: %s", error)  # noqa: TRY400
            coordinator.stop("inconclusive", f"the run's folder cannot be written: {error}")
            environment.process_exit_code = 2
            return
        gevent.sleep(1)


def _ask_again(environment: Any, coordinator: Coordinator) -> None:
    """Have the target prove itself again and again: behind one address, another server may come to stand."""
    api = Api(origin=environment.host)
    while environment.load_coordinator is coordinator:
        gevent.sleep(IDENTITY_INTERVAL_S)
        coordinator.ask_identity(api)


def _conclude(environment: Any, **_: Any) -> None:
    """Save the last reports. Locust's exit code knows nothing of empty runs and lost workers: set it here."""
    coordinator: Coordinator | None = getattr(environment, "load_coordinator", None)
    if coordinator is None:
        environment.process_exit_code = environment.process_exit_code or 3
        return
    # Has the workers send their last reports; Locust itself does so only after this listener.
    environment.runner.quit()
    generator = getattr(environment, "load_generator", None)
    if generator is not None:
        generator.is_stopping = not generator.is_finished
        coordinator.take_report("local", generator.report())
    coordinator.is_over()
    environment.load_coordinator = None
    coordinator.state.save(coordinator.folder)
    if not coordinator.state.is_complete or coordinator.state.reasons:
        environment.process_exit_code = environment.process_exit_code or 3


def _worker_ids(runner: Any) -> list[str]:
    return sorted(runner.clients) if isinstance(runner, locust.runners.MasterRunner) else [runner.client_id]


def _worker_count(runner: Any) -> int:
    return max(len(_worker_ids(runner)), 1)
