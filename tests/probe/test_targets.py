"""Callers of each target: those who can tell something new there."""

import pytest

from reglab.access.callers import Caller
from reglab.access.targets import Target
from reglab.project.requests.test_client import Request


@pytest.mark.parametrize(
    ("method", "caller", "user", "is_asked"),
    [
        ("GET", "changer", "403", True),
        ("GET", "changer", "200", False),
        ("GET", "viewer", "200", True),
        ("POST", "changer", "200", True),
        ("GET", "forged form", "403", False),
    ],
)
def test_holders_of_one_verb_are_asked_where_a_plain_user_is_refused(
    method: str, caller: str, user: str, is_asked: bool
) -> None:
    """The page that asks whether to delete wants the right to delete; a list for everybody is served to them, too."""
    request = Request(method=method, path="/", body=b"", content_type="text/html", headers={}, expected_status=200)
    target = Target(name="page", endpoint=f"{method} /", requests=(request,))
    assert target.is_for(Caller(name=caller, checks_csrf=caller == "forged form"), user=user) is is_asked
