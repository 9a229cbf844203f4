"""Queue of Celery's messages in memory for the time of an audit: no broker is asked, and no worker runs a task."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

# Celery prefers them to what an app is configured with.
_BROKERS: Final = ("CELERY_BROKER_URL", "CELERY_BROKER_READ_URL", "CELERY_BROKER_WRITE_URL")
_RESULTS: Final = "CELERY_RESULT_BACKEND"


@contextmanager
def messages_in_memory() -> Iterator[None]:
    """Let tasks be sent as mail is in tests: to a box in memory. Results that a server would keep are kept there, too.

    A project whose settings run tasks at once still does.
    """
    celery: Any = sys.modules.get("celery")
    if celery is None:
        yield
        return
    changed = dict.fromkeys(_BROKERS, "memory://")
    results = celery.current_app.conf.result_backend
    # Without an address it is a table of the project's own, or nothing.
    if results and (":" in str(results) or str(results) in {"redis", "rpc", "amqp"}):
        changed[_RESULTS] = "cache+memory://"
    with patch.dict(os.environ, changed):
        yield


def forget_messages() -> None:
    """Drop the messages that were sent: a queue that nobody reads would grow."""
    memory: Any = sys.modules.get("kombu.transport.memory")
    for queue in memory.Channel.queues.values() if memory is not None else ():
        queue.queue.clear()
