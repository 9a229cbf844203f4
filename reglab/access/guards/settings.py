"""Settings that guard callers and databases, and actions of the admin: what holds under closed settings.

A guard that nobody sees in an answer, such as the life of a session or a time limit on statements, is seen here.
"""

import json
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from django.apps import apps
from django.conf import global_settings, settings
from django.core import checks
from django.db import connections

from reglab.access.guards.scripts import READ, is_of_scripts, place_of_script, scripts
from reglab.project.data.aliases import options_as_written
from reglab.project.settings import SETTINGS_VARIABLE

_PREFIXES: Final = (
    *("SECURE_", "SESSION_", "CSRF_", "CORS_", "CSP_", "PASSWORD_", "AUTH_", "DATA_UPLOAD_", "AXES_", "DEFENDER_"),
    *("RATELIMIT_", "OTP_", "TWO_FACTOR_", "PERMISSIONS_POLICY", "CONTENT_SECURITY_POLICY"),
)
_NAMES: Final = frozenset(
    {"DEBUG", "DEBUG_PROPAGATE_EXCEPTIONS", "AUTHENTICATION_BACKENDS", "X_FRAME_OPTIONS", "SILENCED_SYSTEM_CHECKS"}
    | {"USE_X_FORWARDED_HOST", "USE_X_FORWARDED_PORT", "INTERNAL_IPS"}
)
# Of dictionaries of settings, the keys that guard; None: all of them.
_TABLES: Final[Mapping[str, frozenset[str] | None]] = {
    "REST_FRAMEWORK": frozenset(
        {"DEFAULT_PERMISSION_CLASSES", "DEFAULT_AUTHENTICATION_CLASSES", "DEFAULT_THROTTLE_CLASSES", "NUM_PROXIES"}
        | {"DEFAULT_THROTTLE_RATES", "DEFAULT_RENDERER_CLASSES", "DEFAULT_PARSER_CLASSES", "UNAUTHENTICATED_USER"}
    ),
    "REST_KNOX": None,
    "SIMPLE_JWT": None,
    "OAUTH2_PROVIDER": None,
}
# Names of hosts differ from place to place; what they let in, callers from elsewhere see.
_PLACE: Final = re.compile(r"(_UR[IL]S?|_HOSTS?|_DOMAIN|_TRUSTED_ORIGINS|_ALLOWED_ORIGINS|_ORIGIN_WHITELIST)$")
_SECRET: Final = re.compile(r"KEY|SECRET|PASSWORD(?!_HASHERS|_RESET|_VALIDATORS)|CREDENTIAL")
_DATABASE: Final = ("ATOMIC_REQUESTS", "CONN_MAX_AGE", "CONN_HEALTH_CHECKS")
_OPTIONS: Final = (
    *("connect_timeout", "tcp_user_timeout", "keepalives", "isolation_level", "sslmode", "timeout"),
    *("transaction_mode", "init_command", "sql_mode"),
)
_LIMIT: Final = re.compile(r"-c\s*([a-z_.]+)=(\S+)")
# Below INFO they write statements with their values, and bodies.
_LOGGERS: Final = ("root", "django", "django.db.backends", "django.request")
# What Django's own file of defaults does not have is told as this.
UNSET: Final = "not set"


def guards() -> dict[str, str]:
    """Return each setting that guards and that the project itself sets, as text, and what its databases are given."""
    return dict(sorted([*_of_settings(), *_of_databases(), *_of_logs(), *_of_admin(), *scripts()]))


def changes(accepted: Mapping[str, str], found: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Give the name of each guard that is not as accepted, and how it differs.

    What the project sets now and did not set before is held against Django's default.
    """
    is_unread = READ not in accepted
    for name in sorted({*accepted, *found}):
        if is_unread and is_of_scripts(name):
            continue
        before, after = accepted.get(name, default_of(name)), found.get(name, default_of(name))
        if before != after:
            yield name, f"{name} is {after}, accepted: {before}"


def _of_settings() -> Iterator[tuple[str, str]]:
    for name in dir(settings):
        if not name.isupper() or not _is_own(name):
            continue
        if name in _TABLES:
            wanted = _TABLES[name]
            table = getattr(settings, name)
            for key in table if isinstance(table, dict) else ():
                if (wanted is None or key in wanted) and not _SECRET.search(str(key)):
                    yield f"{name}.{key}", _text(table[key])
        elif name in _NAMES or (name.startswith(_PREFIXES) and not _SECRET.search(name) and not _PLACE.search(name)):
            yield name, _text(_as_written(name))


def _as_written(name: str) -> Any:
    """Return a setting as the project wrote it: the audit itself runs without DEBUG, as Django's tests do."""
    module = sys.modules.get(os.environ.get(SETTINGS_VARIABLE, ""))
    return getattr(module, name, getattr(settings, name))


def _of_databases() -> Iterator[tuple[str, str]]:
    for alias in connections.settings:
        for name in _DATABASE:
            yield f"DATABASES.{alias}.{name}", _text(connections.settings[alias].get(name))
        options = options_as_written(alias)
        for name in _OPTIONS:
            if name in options:
                yield f"DATABASES.{alias}.{name}", _text(options[name])
        for name, value in _LIMIT.findall(str(options.get("options", ""))):
            yield f"DATABASES.{alias}.{name}", value


def _of_logs() -> Iterator[tuple[str, str]]:
    if _is_own("LOGGING"):
        for name in _LOGGERS:
            level = logging.getLogger("" if name == "root" else name).getEffectiveLevel()
            yield f"LOGGING.{name}", logging.getLevelName(level)


def place_of_guard(name: str) -> str:
    """Return the line where a guard stands that is no setting: the function of an admin's action, or a script's."""
    if is_of_scripts(name):
        return place_of_script(name)
    function = next((function for one, function in _actions() if one == name), None)
    code = getattr(function, "__code__", None)
    if code is None:
        return ""
    here, path = Path.cwd(), Path(code.co_filename)
    shown = path.relative_to(here).as_posix() if path.is_relative_to(here) else path.name
    return f"{shown}:{code.co_firstlineno} in {code.co_qualname if hasattr(code, 'co_qualname') else code.co_name}"


def _of_admin() -> Iterator[tuple[str, str]]:
    """Give the actions of the project's admin, each with the permissions that it names, if it names any."""
    for name, function in _actions():
        needed = getattr(function, "allowed_permissions", ())
        yield name, f"for {' or '.join(sorted(needed))}" if needed else "for whoever sees the list"


def _actions() -> Iterator[tuple[str, Any]]:
    if not apps.is_installed("django.contrib.admin"):
        return
    from django.contrib.admin.sites import all_sites

    for site in all_sites:
        for model, admin in site._registry.items():  # noqa: SLF001  # Django has no public way to ask
            for function, name, _ in cast("Any", admin)._get_base_actions():  # noqa: SLF001
                if not function.__module__.startswith("django."):
                    yield f"the action {name} of {model._meta.label} in the {site.name}", function  # noqa: SLF001


def _is_own(name: str) -> bool:
    # Django's own method, which its stubs do not know.
    is_overridden: Callable[[str], bool] = cast("Any", settings).is_overridden
    return is_overridden(name)


def default_of(name: str) -> str:
    """Return Django's own value of a setting as text, or that it has none."""
    return _text(getattr(global_settings, name)) if hasattr(global_settings, name) else UNSET


def _text(value: Any) -> str:
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it, the same in every process: classes by name, sets sorted."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items() if not _SECRET.search(str(key).upper())}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(each) for each in value), key=str)
    return value if value is None or isinstance(value, (bool, int, float, str)) else _named(value)


def _named(value: Any) -> str:
    if isinstance(value, re.Pattern):
        return str(value.pattern)
    if callable(value):
        return f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', type(value).__qualname__)}"
    # A lazy text, a duration; never the place of an object in memory.
    text = str(value)
    return type(value).__qualname__ if " at 0x" in text else text


def deploy_issues() -> list[checks.CheckMessage]:
    """Return what Django's checks of a deployment warn of, and what they have no check for."""
    found = checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True)
    issues = [issue for issue in found if issue.level >= checks.WARNING and not issue.is_silenced()]
    body_bytes_max: int | None = getattr(settings, "DATA_UPLOAD_MAX_MEMORY_SIZE", None)
    if body_bytes_max is None:
        # Django has no check for it.
        unbounded = "DATA_UPLOAD_MAX_MEMORY_SIZE is None: a body of any size is read into memory"
        issues.append(checks.Warning(unbounded, id="reglab.W001"))
    return issues
