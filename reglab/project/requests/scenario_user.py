"""User of one scenario alone: a session with a key of its own, the same in every process."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from reglab.config.suite import Suite
from reglab.config.suite_parts import Login
from reglab.errors import AuditError
from reglab.project.data.superuser import has_sessions, save_session
from reglab.project.requests.binding import first_row
from reglab.project.requests.forced_user import USER_COOKIE


def scenario_logins(suite: Suite) -> dict[str, Login]:
    """Return the users that scenarios log in as, each once, by the name of the first scenario that does."""
    found: dict[str, Login] = {}
    for one in suite.scenario:
        if one.login is not None and one.login not in found.values():
            found[one.name] = one.login
    return found


def log_in(login: Login, *, where: str) -> None:
    """Save a session of the user in the present databases. Raises AuditError where there is no such row."""
    user = _user(login, where=where)
    if has_sessions():
        save_session(user, key=_key(login))


def proof_of(login: Login, *, is_forced: bool, where: str) -> Mapping[str, str]:
    """Return the header that proves the user. Raises AuditError where nothing in the project would read one."""
    cookies = [f"{settings.SESSION_COOKIE_NAME}={_key(login)}"] if has_sessions() else []
    if is_forced:
        cookies.append(f"{USER_COOKIE}={_user(login, where=where).pk}")
    if not cookies:
        raise AuditError(f"{where}: a login needs sessions, or `force` in the suite's login: send a token in `headers`")
    return {"Cookie": "; ".join(cookies)}


def _user(login: Login, *, where: str) -> Any:
    return first_row(model=login.model, filters=login.filter, order_by=("pk",), index=0, where=f"{where}: login")


def _key(login: Login) -> str:
    told = json.dumps([login.model, login.filter], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:32]
