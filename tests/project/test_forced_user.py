"""Users that are let in by force: those that a session proves, and nobody else."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User

from reglab.project.requests.forced_user import _opened, _opened_async

REFUSED = "401"


def asked(user: Any, *, is_async: bool) -> tuple[Any, Any]:
    """Return what an operation of django-ninja answers before its view, and the user that the view then has."""
    request = SimpleNamespace(user=None, auth=None, _force_auth_user=user)

    async def refuse(_operation: Any, _request: Any) -> str:
        return REFUSED

    if is_async:
        return asyncio.run(_opened_async(refuse)(None, request)), request.user
    return _opened(lambda *_: REFUSED)(None, request), request.user


@pytest.mark.parametrize("is_async", [False, True])
def test_a_user_with_a_session_is_let_in(*, is_async: bool) -> None:
    """Whatever the operation asks for; without a mark it decides by itself."""
    somebody = User(pk=1)
    assert asked(somebody, is_async=is_async) == (None, somebody)
    assert asked(None, is_async=is_async) == (REFUSED, None)


@pytest.mark.parametrize("is_async", [False, True])
def test_whose_session_has_ended_is_nobody(*, is_async: bool) -> None:
    """Who signs up meanwhile ends the session: the operation decides, as it does without force."""
    assert asked(AnonymousUser(), is_async=is_async) == (REFUSED, None)
