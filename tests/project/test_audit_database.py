"""Errors of the chosen database inside an audit: only a server that never answered is told as that."""

import pytest
from django.db import OperationalError

from reglab.errors import AuditError
from reglab.project.data import audit_database
from reglab.project.data.audit_database import chosen_database


class AnsweredError(Exception):
    """What a driver raises for an error that the server told."""

    sqlstate = "55P03"


def _raised(cause: Exception | None) -> None:
    with chosen_database("settings"):
        raise OperationalError("no such table: shelf") from cause


@pytest.mark.parametrize(
    ("vendor", "cause", "expected"),
    [
        ("postgresql", None, AuditError),
        ("postgresql", AnsweredError(), OperationalError),
        ("sqlite", None, OperationalError),
    ],
)
def test_only_a_server_that_never_answered_is_told_so(
    monkeypatch: pytest.MonkeyPatch, vendor: str, cause: Exception | None, expected: type[Exception]
) -> None:
    """A missing table of SQLite and a lock that was waited for in vain are errors of another kind."""
    monkeypatch.setattr(audit_database, "vendor_of", lambda _alias: vendor)
    with pytest.raises(expected):
        _raised(cause)
