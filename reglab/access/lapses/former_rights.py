"""Rights that were taken away a moment ago: whoever is still let in was remembered."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import DatabaseError

from reglab.access.callers import Caller
from reglab.access.lapses.lapse import RIGHT_REMEMBERED, Lapse
from reglab.project.cache_hits import cache_hits
from reglab.project.data.isolation import Sequences, forget_caches, rolled_back
from reglab.project.requests.silence import quiet
from reglab.project.source_lines import ProjectFrames

_WORDS: Final = {
    "permissions": "whose permissions were taken away",
    "is_active": "whose account was switched off",
}
# By way: the caller who never had more, and shows what is refused then.
FORMER: Final = {"permissions": "user", "is_active": "inactive user"}
# Sends the scenario as a caller, and returns the status of its answer.
Send = Callable[[], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerRights:
    """Sends a scenario as somebody with every permission, takes away what let them in, and sends it again.

    The caches are left as the first request has left them: it is they that could remember.
    """

    holder: Caller
    frames: ProjectFrames
    _sequences: Sequences = field(default_factory=Sequences)

    def remembered(self, scenario: str, endpoint: str, send: Send, *, refused: frozenset[str]) -> Iterator[Lapse]:
        """Yield what still lets the caller in; of the ways that are in `refused`, which keep out who never had more."""
        for way in (way for way in _WORDS if way in refused):
            forget_caches()
            with rolled_back(), quiet():
                first = self._sent(send)
                if not _is_served(first) or not _take_away(self.holder.user, way):
                    continue
                with cache_hits(self.frames) as hits:
                    second = self._sent(send)
                if _is_served(second):
                    yield Lapse(
                        id=RIGHT_REMEMBERED,
                        scenario=scenario,
                        endpoint=endpoint,
                        text=f"a caller {_WORDS[way]} after an earlier request is still answered {second}",
                        # The last one decides: others look before the caller is known.
                        places=hits[-1] if hits else (),
                    )
        forget_caches()

    def _sent(self, send: Send) -> int:
        self._sequences.restore()
        with rolled_back():
            return send()


def _is_served(status: int) -> bool:
    return 200 <= status < 300


def _take_away(user: Any, way: str) -> bool:
    """Change the rows as an administrator does; False where the user model has no such thing."""
    row = get_user_model()._default_manager.get(pk=user.pk)  # noqa: SLF001  # Django's public name for it
    try:
        if way == "permissions":
            row.user_permissions.clear()
        else:
            row.is_active = False
            row.save(update_fields=["is_active"])
    except (AttributeError, DatabaseError, ValueError):
        return False
    return True
