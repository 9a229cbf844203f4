"""The end of a command that failed, in its own words."""

from pathlib import Path

import pytest

from reglab.load.server.child_processes import last_words

CHAIN = "ValueError: no\n\nThe above exception was the direct cause:\n"
TRACE = """Traceback (most recent call last):
  File "/site-packages/django/utils/asyncio.py", line 26, in inner
    return func(*args, **kwargs)
           ^^^^^^^^^^^^^^^^^^^^^
"""


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (f"{TRACE}{CHAIN}{TRACE}Error: no server\n\tIs it on?\n", 2),
        ("2 migrations are not applied\n", 1),
        ("", 0),
    ],
)
def test_a_traceback_is_left_out(tmp_path: Path, log: str, words: int) -> None:
    """The last exception's own lines stay, or all that there is; nothing of the code that raised."""
    (tmp_path / "log").write_text(log, encoding="utf-8")
    said = last_words(tmp_path / "log")
    assert len(said.splitlines()) == words
    assert "File" not in said
    assert not said or said.splitlines()[-1] == log.splitlines()[-1]
