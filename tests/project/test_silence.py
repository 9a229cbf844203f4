"""Silence about what a subject logs: it does not bury the verdict."""

import io
import logging
import sys
import warnings
from collections.abc import Iterator

import pytest

from reglab.project.requests.silence import logs_unseen, warnings_unseen


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    """A logger of a project: to the terminal, and to a place of its own."""
    found = logging.getLogger("of_a_project")
    found.handlers = [logging.StreamHandler(sys.stderr), logging.StreamHandler(io.StringIO())]
    yield found
    found.handlers = []


def test_a_log_on_the_terminal_is_not_seen_until_the_block_ends(
    logger: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    """The record is made and written all the same, and other places get it."""
    terminal, own = (handler for handler in logger.handlers if isinstance(handler, logging.StreamHandler))
    terminal.setStream(sys.stderr)
    with logs_unseen():
        logger.warning("within")
    logger.warning("after")
    assert capsys.readouterr().err == "after\n"
    assert own.stream.getvalue() == "within\nafter\n"


def test_a_log_without_a_handler_makes_none_inside_a_request(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`logging.info()` would add one that writes to the terminal, and everything later went there."""
    monkeypatch.setattr(logging.root, "handlers", [])
    with logs_unseen():
        logging.info("within")  # noqa: LOG015 -- as projects do
        logging.getLogger("of_nobody").error("within")
    assert logging.root.handlers == []
    assert capsys.readouterr().err == ""


def test_a_warning_is_not_seen_until_the_block_ends(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the filters say of it stands: one that is an error is raised."""
    monkeypatch.setattr(warnings, "showwarning", lambda message, *_args, **_kwargs: print(message, file=sys.stderr))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        with warnings_unseen():
            warnings.warn("within", UserWarning, stacklevel=1)
        warnings.warn("after", UserWarning, stacklevel=1)
        warnings.simplefilter("error")
        with warnings_unseen(), pytest.raises(UserWarning):
            warnings.warn("raised", UserWarning, stacklevel=1)
    assert capsys.readouterr().err == "after\n"
