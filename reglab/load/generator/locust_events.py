"""Ties a run to Locust: its options, and which part of a run this process plays."""

import logging
from typing import Any, Final

import gevent
import locust.runners
from locust import events

from reglab.load.generator.locust_master import COULD_NOT_RUN, wire_master
from reglab.load.generator.locust_worker import wire_worker

# Reports are cumulative, so a second's loss is the most that a killed worker takes with it.
locust.runners.WORKER_REPORT_INTERVAL = 1.0

# Seconds of silence after which a worker has left. Locust's three are less than a machine's hiccup.
locust.runners.HEARTBEAT_LIVENESS = 8

# Locust itself would wait for its workers for ever.
EXPECT_WORKERS_S: Final = 120
_log = logging.getLogger(__name__)


@events.init_command_line_parser.add_listener  # type: ignore[untyped-decorator]  # Locust's own
def _add_options(parser: Any) -> None:
    group = parser.add_argument_group("Load profile")
    group.add_argument("--load-profile", env_var="LOADTEST_PROFILE", default="smoke", help="name or path of a profile")
    group.add_argument("--load-run", env_var="LOADTEST_RUN_FOLDER", default="", help="folder for the run's files")


@events.init.add_listener  # type: ignore[untyped-decorator]  # Locust's own
def _wire(environment: Any, runner: Any, **_: Any) -> None:
    # A process alone is both: Locust delivers its messages to itself.
    if not isinstance(runner, locust.runners.MasterRunner):
        wire_worker(environment, runner)
    if not isinstance(runner, locust.runners.WorkerRunner):
        wire_master(environment, runner)
    options = environment.parsed_options
    if isinstance(runner, locust.runners.MasterRunner) and (options.headless or options.autostart):
        # Locust's own deadline ends with 1, which means that the service is bad. It is asked before ours is over.
        seconds = options.expect_workers_max_wait or EXPECT_WORKERS_S
        options.expect_workers_max_wait = 0
        gevent.spawn(_give_up_waiting, runner, gevent.getcurrent(), expected=options.expect_workers, seconds=seconds)


def _give_up_waiting(runner: Any, main: Any, *, expected: int, seconds: float) -> None:
    """End the main greenlet, which waits, where not all of the workers have come in time."""
    gevent.sleep(seconds)
    present = len(runner.clients)
    if runner.state != locust.runners.STATE_INIT or present >= expected:
        return
    _log.error(
        "%d of %d workers have come within %g s: nothing was sent. Start the others, or wait for them longer with "
        "--expect-workers-max-wait",
        present,
        expected,
        seconds,
    )
    runner.quit()
    gevent.get_hub().loop.run_callback(main.throw, SystemExit(COULD_NOT_RUN))
