"""Ties a run to Locust: its options, and which part of a run this process plays."""

from typing import Any

import locust.runners
from locust import events

from reglab.load.generator.locust_master import wire_master
from reglab.load.generator.locust_worker import wire_worker

# Reports are cumulative, so a second's loss is the most that a killed worker takes with it.
locust.runners.WORKER_REPORT_INTERVAL = 1.0

# Locust itself would wait for its workers for ever.
EXPECT_WORKERS_S = 120


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]  # Locust's own
def _add_options(parser: Any) -> None:
    group = parser.add_argument_group("Load profile")
    group.add_argument("--load-profile", env_var="LOADTEST_PROFILE", default="smoke", help="name or path of a profile")
    group.add_argument("--load-run", env_var="LOADTEST_RUN_FOLDER", default="", help="folder for the run's files")


@events.init.add_listener  # type: ignore[untyped-decorator]  # Locust's own
def _wire(environment: Any, runner: Any, **_: Any) -> None:
    options = environment.parsed_options
    if options is not None and getattr(options, "expect_workers", None) and not options.expect_workers_max_wait:
        options.expect_workers_max_wait = EXPECT_WORKERS_S
    # A process alone is both: Locust delivers its messages to itself.
    if not isinstance(runner, locust.runners.MasterRunner):
        wire_worker(environment, runner)
    if not isinstance(runner, locust.runners.WorkerRunner):
        wire_master(environment, runner)
