"""A slot of sys.monitoring, which Python has from 3.12 on: six tools at most may listen to one interpreter."""

import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

from reglab.project.data.driver import CounterError

Callbacks = Mapping[int, Callable[..., None]]
"""What is called for each event of `sys.monitoring.events`."""

_TOOL_NAME: Final = "reglab"
_SLOTS: Final = 6


class MonitoringSlot:
    """Listens in the first slot that is free. Events are the interpreter's: a callback asks for its thread itself."""

    def __init__(self) -> None:
        # The type checker reads the project as Python 3.11, which has no such module.
        self.monitoring: Any = sys.monitoring  # type: ignore[attr-defined]
        self._tool = -1
        self._events: tuple[int, ...] = ()

    def start(self, callbacks: Callbacks, *, counted: str) -> None:
        """Begin to listen. Raises CounterError where no slot is free, which names what is `counted`: "Calls"."""
        tool = next((slot for slot in range(_SLOTS) if self.monitoring.get_tool(slot) is None), None)
        if tool is None:
            raise CounterError(f"{counted} cannot be counted: every monitoring slot of the interpreter is taken.")
        self.monitoring.use_tool_id(tool, _TOOL_NAME)
        for event, callback in callbacks.items():
            self.monitoring.register_callback(tool, event, callback)
        self.monitoring.set_events(tool, sum(callbacks))
        self._tool, self._events = tool, tuple(callbacks)

    def stop(self) -> None:
        """Listen no more, and give the slot back."""
        self.monitoring.set_events(self._tool, self.monitoring.events.NO_EVENTS)
        for event in self._events:
            self.monitoring.register_callback(self._tool, event, None)
        self.monitoring.free_tool_id(self._tool)
