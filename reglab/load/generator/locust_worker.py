"""The worker's wires: the plan comes in, reports go out."""

import os
from typing import Any

from reglab.load.generator.share import Generator


def wire_worker(environment: Any, runner: Any) -> None:
    """Take up each plan that the master sends, and add this process's figures to Locust's reports."""
    environment.load_generator = None

    def take_plan(environment: Any, msg: Any, **_: Any) -> None:
        index = msg.data["worker_ids"].index(runner.client_id)
        token = os.environ.get("LOADTEST_TOKEN", "")
        environment.load_generator = Generator.from_plan(msg.data, index=index, token=token)

    def report(client_id: str, data: dict[str, Any], **_: Any) -> None:  # noqa: ARG001  # Locust passes it by name
        generator = environment.load_generator
        if generator is not None and generator.is_begun:
            data["load"] = generator.report()

    runner.register_message("load-plan", take_plan)
    environment.events.report_to_master.add_listener(report)
