"""Another process that burns a processor and writes to the disk, for as long as a block lasts."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_BURNER: Final = """
import os, signal, tempfile
signal.signal(signal.SIGINT, signal.SIG_IGN)  # our parent ends us, and says what there is to say
parent = os.getppid()
with tempfile.TemporaryFile(dir=os.getcwd()) as file:  # TMPDIR may be in memory
    block = os.urandom(1 << 20)
    while os.getppid() == parent:
        sum(number * number for number in range(200_000))
        file.seek(0)
        file.write(block)
        os.fsync(file.fileno())
"""


@contextmanager
def noise(*, is_wanted: bool) -> Iterator[None]:
    """Make noise during the block, at normal priority and on any core, as a neighbour would."""
    if not is_wanted:
        yield
        return
    burner = subprocess.Popen([sys.executable, "-c", _BURNER])
    try:
        yield
    finally:
        burner.kill()
        burner.wait()
