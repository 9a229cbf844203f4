"""The superuser whose pages are measured: a row and a session of the data, the same in every process."""

import hashlib
from http.cookies import SimpleCookie
from importlib import import_module
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model, load_backend
from django.db import DatabaseError, models, transaction

from reglab.errors import AuditError

_NAME: Final = "reglab-superuser"
_KEY: Final = hashlib.sha256(_NAME.encode()).hexdigest()[:32]


def has_sessions() -> bool:
    """Tell whether the project can keep a session: in a table of its own, or in the cookie itself."""
    return apps.is_installed("django.contrib.sessions") or "signed_cookies" in settings.SESSION_ENGINE


def add_superuser() -> None:
    """Add a superuser and their session to the present databases. Raises AuditError where the model takes none."""
    try:
        with transaction.atomic():
            user = _added()
    except (DatabaseError, TypeError, ValueError, AttributeError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise AuditError(f"no superuser can be made for `as_superuser`: {type(error).__name__}: {reason}") from None
    save_session(user, key=_KEY)


def _backend_of_users() -> str:
    """Return the first backend that knows users, as Django's own test client does: one may only watch who fails."""
    found = (path for path in settings.AUTHENTICATION_BACKENDS if hasattr(load_backend(path), "get_user"))
    return str(next(found, settings.AUTHENTICATION_BACKENDS[0]))


def save_session(user: Any, *, key: str) -> None:
    """Save a session of a user under a key that is known beforehand."""
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = _backend_of_users()
    if hasattr(user, "get_session_auth_hash"):
        store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    # Given at the beginning, a key that nobody has saved yet is thrown away.
    store._session_key = key  # noqa: SLF001
    store.save(must_create=True)


def superuser_cookie() -> str:
    """Return the header that proves the superuser."""
    return f"{settings.SESSION_COOKIE_NAME}={_KEY}"


def keys_of_callers(cookies: SimpleCookie) -> list[Any]:
    """Return the keys of the users who send the suite's requests: who has a session by its cookies, and superusers."""
    model: Any = get_user_model()
    found: list[Any] = []
    if any(one.name == "is_superuser" for one in model._meta.concrete_fields):  # noqa: SLF001
        found += models.QuerySet(model).filter(is_superuser=True).values_list("pk", flat=True)
    if has_sessions() and (cookie := cookies.get(settings.SESSION_COOKIE_NAME)) is not None:
        key = import_module(settings.SESSION_ENGINE).SessionStore(cookie.value).get(SESSION_KEY)
        found += [] if key is None else [model._meta.pk.to_python(key)]  # noqa: SLF001
    return found


def _added() -> Any:
    model: Any = get_user_model()
    known = {one.name for one in model._meta.get_fields()}  # noqa: SLF001  # Django's public name for it
    rights = {name: True for name in ("is_superuser", "is_staff", "is_active") if name in known}
    email = {"email": f"{_NAME}@example.test"} if "email" in known else {}
    # The name comes last: it may be the address itself.
    name = {model.USERNAME_FIELD: email.get(model.USERNAME_FIELD, _NAME)}
    # An unusable password of fixed characters: its hash is part of the session.
    return model._default_manager.create(**{**email, **name, **rights, "password": "!reglab"})  # noqa: SLF001
