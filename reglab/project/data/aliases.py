"""Database aliases of the project: what each speaks, which are replicas, and how one is moved to another server."""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.utils import load_backend

from reglab.postgres.database_url import configured_url

Say = Callable[[str], None]
# Options of the driver that mean the same on any server; the others name roles, services, pools, certificates.
_KEPT_OPTIONS: Final = frozenset({"isolation_level", "server_side_binding", "client_encoding"})
_KEPT_TEST_SETTINGS: Final = frozenset({"MIRROR", "DEPENDENCIES", "MIGRATE"})
# Of an alias that was moved, the options that the project gave it.
_AS_WRITTEN: Final[dict[str, dict[str, Any]]] = {}
_OWN_ENGINE: Final = "django.db.backends.postgresql"


def vendor_of(alias: str) -> str:
    """Return what an alias speaks, subclasses of Django's backends included, without connecting."""
    engine = connections.settings[alias]["ENGINE"]
    try:
        return str(load_backend(engine).DatabaseWrapper.vendor)
    except ImproperlyConfigured as error:
        return next((name for name in ("mysql", "oracle") if name in engine), f"not to be loaded: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no message"])[0]


def is_named_by_url(alias: str) -> bool:
    """Return whether DATABASE_URL names the database of an alias: the user, or the process above, chose it."""
    url = configured_url()
    if url is None:
        return False
    wanted, settings = _parts_of(url), connections.settings[alias]
    return all(str(settings.get(key) or "") == wanted[key] for key in ("NAME", "HOST"))


def mark_mirrors(vendors: dict[str, str], say: Say) -> None:
    """Treat an alias that names the same database as another as its replica, as TEST MIRROR would."""
    first: dict[tuple[str, str], str] = {}
    for alias, vendor in vendors.items():
        settings = connections.settings[alias]
        test = settings.setdefault("TEST", {})
        if test.get("MIRROR") or vendor == "sqlite" or not settings.get("NAME"):
            continue
        primary = first.setdefault((vendor, str(settings["NAME"])), alias)
        if primary != alias:
            test["MIRROR"] = primary
            say(f"the database {alias!r} has the name of {primary!r}: taken for its replica, as TEST MIRROR would say")


def use_server(url: str, *, say: Say = lambda _: None) -> None:
    """Point every PostgreSQL alias at the server and database of a URL, in a process that ends with it."""
    vendors = {alias: vendor_of(alias) for alias in connections.settings}
    mark_mirrors(vendors, say)
    for alias, vendor in vendors.items():
        if vendor == "postgresql" and not is_named_by_url(alias):
            move_alias(alias, url, vendor, say)


def move_alias(alias: str, url: str, vendor: str, say: Say) -> None:
    """Give an alias's connection another server; what only the server of the settings understands is left out."""
    settings = connections.settings[alias]
    options = settings.get("OPTIONS") or {}
    _AS_WRITTEN.setdefault(alias, dict(options))
    left_out = sorted(set(options) - _KEPT_OPTIONS)
    if left_out and vendor == "postgresql":
        say(f"the database {alias!r}: left out of OPTIONS on the audit's own server: {', '.join(left_out)}")
    test = settings.get("TEST") or {}
    connections[alias].close()
    del connections[alias]
    settings.update(_parts_of(url))
    settings["ENGINE"] = settings["ENGINE"] if vendor == "postgresql" else _OWN_ENGINE
    settings["OPTIONS"] = (
        {name: options[name] for name in options if name in _KEPT_OPTIONS} if vendor == "postgresql" else {}
    )
    settings["TEST"] = {**_empty_test_settings(), **{name: test[name] for name in test if name in _KEPT_TEST_SETTINGS}}


def options_as_written(alias: str) -> dict[str, Any]:
    """Return the driver's options that the project's own settings give an alias, wherever it points now."""
    return _AS_WRITTEN.get(alias, connections.settings[alias].get("OPTIONS") or {})


def _empty_test_settings() -> dict[str, Any]:
    return {"CHARSET": None, "COLLATION": None, "MIGRATE": True, "MIRROR": None, "NAME": None}


def restore_alias(alias: str, settings: dict[str, Any]) -> None:
    """Give an alias the settings back that it had."""
    connections[alias].close()
    del connections[alias]
    connections.settings[alias].clear()
    connections.settings[alias].update(settings)


def _parts_of(url: str) -> dict[str, str]:
    parts = urlsplit(url)
    return {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.netloc.rpartition("@")[2].rpartition(":")[0]),
        "PORT": str(parts.port or ""),
    }
