"""Constants that a scenario sets: others while a request is answered, and as before afterwards."""

from contextlib import suppress
from threading import Barrier, Thread

import pytest

from reglab.errors import AuditError
from reglab.project.requests.constants import constants_set
from service.orders import limits

NAME = "service.orders.limits.MAX_COUNT"


def test_a_constant_is_another_inside_the_block_alone() -> None:
    """It is what it was afterwards, also where the block fails."""
    before = limits.MAX_COUNT
    with suppress(ZeroDivisionError), constants_set({NAME: 3}):
        assert limits.MAX_COUNT == 3
        raise ZeroDivisionError
    assert before == limits.MAX_COUNT


def test_blocks_that_overlap_leave_it_as_it_was() -> None:
    """Two requests of a race may set it at once, and end in either order."""
    before, inside, first_out = limits.MAX_COUNT, Barrier(2), Barrier(2)

    def first() -> None:
        with constants_set({NAME: 3}):
            inside.wait()
        first_out.wait()

    thread = Thread(target=first)
    thread.start()
    with constants_set({NAME: 3}):
        inside.wait()
        first_out.wait()
        assert limits.MAX_COUNT == 3
    thread.join()
    assert before == limits.MAX_COUNT


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("service.orders.limits.NONE", "a scenario sets service.orders.limits.NONE, and there is none"),
        ("service.limitless.NONE", "a scenario sets service.limitless.NONE, and service.limitless cannot be imported"),
    ],
)
def test_a_constant_that_is_not_there_is_told(path: str, told: str) -> None:
    """Nothing is measured with a limit that nobody reads."""
    with pytest.raises(AuditError, match=told), constants_set({path: 3}):
        pass
