"""The worker's wires: the plan comes in, reports go out."""

import logging
import os
from typing import Any

from reglab.errors import LoadTestError
from reglab.load.generator.share import Generator

_log = logging.getLogger(__name__)


def wire_worker(environment: Any, runner: Any) -> None:
    """Take up each plan that the master sends, and add this process's figures to Locust's reports."""
    environment.load_generator = None

    def take_plan(environment: Any, msg: Any, **_: Any) -> None:
        if runner.client_id not in msg.data["worker_ids"]:
            environment.load_generator = None  # it came after the shares were dealt: there is none for it
            return
        index = msg.data["worker_ids"].index(runner.client_id)
        token = os.environ.get("LOADTEST_TOKEN", "")
        try:
            environment.load_generator = Generator.from_plan(msg.data, index=index, token=token)
        except (LoadTestError, OSError) as error:
            _log.error("%s", error)  # a user's mistake gets one line
            message = {"reason": str(error), "kind": "inconclusive", "index": index}
            runner.send_message("load-stopped", message)

    def stop(msg: Any, **_: Any) -> None:
        generator: Generator | None = environment.load_generator
        if generator is not None and not generator.is_finished:
            generator.refuse(msg.data["reason"], kind=msg.data["kind"])

    def report(client_id: str, data: dict[str, Any], **_: Any) -> None:  # noqa: ARG001  # Locust passes it by name
        generator = environment.load_generator
        if generator is not None and (generator.is_begun or generator.error):
            data["load"] = generator.report()

    runner.register_message("load-plan", take_plan)
    runner.register_message("load-stop", stop)
    environment.events.report_to_master.add_listener(report)
