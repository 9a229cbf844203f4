"""Width of what is printed into a pipe."""

from io import StringIO

import pytest

from reglab.console import Console


@pytest.mark.parametrize(
    ("columns", "width"), [("80", 80), ("200", 200), ("20", 60), ("", 140), ("wide", 140), ("0", 140), (None, 140)]
)
def test_a_pipe_is_as_wide_as_columns_says(monkeypatch: pytest.MonkeyPatch, columns: str | None, width: int) -> None:
    """COLUMNS decides, at 60 at least; without it, or with nonsense, a log has 140."""
    if columns is None:
        monkeypatch.delenv("COLUMNS", raising=False)
    else:
        monkeypatch.setenv("COLUMNS", columns)
    assert Console.around(StringIO(), StringIO()).width == width
