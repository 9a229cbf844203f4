"""The worker's wires: the plan comes in, reports go out."""

import logging
import os
from dataclasses import dataclass
from time import time
from typing import Any, Final

import gevent
from locust.exception import RPCError

from reglab.errors import LoadTestError
from reglab.load.generator.share import Generator
from reglab.report.outcomes import EXIT_CODES, Outcome

_log = logging.getLogger(__name__)
# Locust itself waits a minute for a master that sends a heartbeat each second, and then ends with 0.
MASTER_SILENCE_S: Final = 10.0


def wire_worker(environment: Any, runner: Any) -> None:
    """Take up each plan that the master sends, and add this process's figures to Locust's reports."""
    environment.load_generator = None
    worker = _Worker(environment=environment, runner=runner)
    runner.register_message("load-plan", worker.take_plan)
    runner.register_message("load-stop", worker.stop)
    environment.events.test_stop.add_listener(worker.end)
    environment.events.report_to_master.add_listener(worker.report)
    gevent.spawn(worker.follow_master)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Worker:
    """What a worker does with Locust's messages and events. Locust passes all arguments by name."""

    environment: Any
    runner: Any

    @property
    def generator(self) -> Generator | None:
        """This process's share of the present run."""
        generator: Generator | None = self.environment.load_generator
        return generator

    def take_plan(self, msg: Any, **_: Any) -> None:
        """Take up the plan of a run."""
        self.environment.load_generator = None
        if self.runner.client_id not in msg.data["worker_ids"]:
            return  # it came after the shares were dealt: there is none for it
        index = msg.data["worker_ids"].index(self.runner.client_id)
        token = os.environ.get("LOADTEST_TOKEN", "")
        try:
            self.environment.load_generator = Generator.from_plan(msg.data, index=index, token=token, tell=self.tell)
        except (LoadTestError, OSError) as error:
            _log.error("%s", error)  # a user's mistake gets one line
            message = {"reason": str(error), "kind": "inconclusive", "index": index}
            self.runner.send_message("load-stopped", message)

    def follow_master(self) -> None:
        """End where the master is gone: nobody watches the load any more, and nobody will clean up after it."""
        while True:
            gevent.sleep(1)
            heard = self.runner.last_heartbeat_timestamp
            if heard and time() - heard > MASTER_SILENCE_S:
                break
        reason = f"the master has been silent for {MASTER_SILENCE_S:.0f} s: nothing more is sent"
        _log.error("%s", reason)
        if self.generator is not None:
            self.generator.refuse(reason, kind="inconclusive")
        self.environment.process_exit_code = EXIT_CODES[Outcome.INCONCLUSIVE]
        self.runner.quit()

    def tell(self, lines: list[str]) -> None:
        """Send lines of the ledger to the master at once. Raises OSError where it cannot be reached."""
        try:
            self.runner.send_message("load-ledger", {"lines": lines})
        except RPCError as error:
            raise OSError(f"the master cannot be reached: {error}") from error

    def stop(self, msg: Any, **_: Any) -> None:
        """Send nothing more, because the master says so."""
        if (generator := self.generator) is not None and not generator.is_finished:
            generator.refuse(msg.data["reason"], kind=msg.data["kind"])

    def end(self, **_: Any) -> None:
        """Begin no further write: after the last report, the master would not know of it."""
        if (generator := self.generator) is not None:
            generator.is_stopping = True
            generator.release()

    def report(self, data: dict[str, Any], **_: Any) -> None:
        """Add the figures to a report."""
        if (generator := self.generator) is not None and (generator.is_begun or generator.error):
            data["load"] = generator.report()
