"""Environment variables that the settings read, with one clear sentence for each mistake."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError

NAMES = ("development", "test", "staging", "production")
# Published with the source, so worth nothing: only the two open environments ever use it.
OPEN_SECRET_KEY = "open-environments-only-" + "0123456789" * 4
# Below the server's own limits (service/server/limits.py): the database gives up first, and says why.
DEFAULT_LIMITS_MS = {"lock_timeout": 5_000, "statement_timeout": 10_000}
LIMIT_VARIABLES = {"lock_timeout": "LOCK_TIMEOUT_MS", "statement_timeout": "STATEMENT_TIMEOUT_MS"}
# What was sent and is not acknowledged for so long shows that the database's host is gone.
UNACKNOWLEDGED_MS = 10_000
OPEN_HOSTS = ("localhost", "127.0.0.1", "[::1]", "testserver")


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Which of the four environments this process runs in, and what that permits."""

    name: str
    dev_endpoints: bool
    profiler: bool

    @property
    def is_open(self) -> bool:
        """Whether this is a developer's machine or a test: no token, no TLS, a published key."""
        return self.name in ("development", "test")


def read_environment(env: Env) -> Environment:
    """Read SERVICE_ENVIRONMENT and the two switches that it governs. Unset means production."""
    name: str = env.str("SERVICE_ENVIRONMENT", "production")
    if name not in NAMES:
        raise ImproperlyConfigured(f"SERVICE_ENVIRONMENT must be one of {', '.join(NAMES)}; it is {name!r}.")
    is_open = name in ("development", "test")
    return Environment(
        name=name,
        dev_endpoints=is_open or (name == "staging" and env.bool("DEV_ENDPOINTS", False)),
        profiler=name != "production" and env.bool("SILK", False),
    )


def read_secret_key(env: Env, *, environment: Environment) -> str:
    """Read SECRET_KEY; only an open environment may go without."""
    key: str = env.str("SECRET_KEY", "")
    if key:
        return key
    if environment.is_open:
        return OPEN_SECRET_KEY
    raise ImproperlyConfigured(
        f"SECRET_KEY is not set: the {environment.name} environment needs a long random one "
        "(set SERVICE_ENVIRONMENT=development to work on this machine without)."
    )


def read_hosts(env: Env, *, environment: Environment) -> list[str]:
    """Read ALLOWED_HOSTS; only an open environment may go without, and then answers to this machine alone."""
    hosts: list[str] = env.list("ALLOWED_HOSTS", [])
    if hosts:
        return hosts
    if environment.is_open:
        return list(OPEN_HOSTS)
    raise ImproperlyConfigured(
        f"ALLOWED_HOSTS is not set: the {environment.name} environment needs the comma-separated "
        "host names that it answers to."
    )


def read_database(env: Env) -> dict[str, Any]:
    """Read DATABASE_URL and the options that belong to its vendor into Django's form."""
    url = env.str("DATABASE_URL", "")
    if not url:
        raise ImproperlyConfigured(
            "DATABASE_URL is not set: give postgresql://user:password@host/name or sqlite:///path "
            "(manage.py starts a PostgreSQL of its own when it is unset)."
        )
    try:
        database: dict[str, Any] = dict(env.dj_db_url("DATABASE_URL", conn_max_age=env.int("CONN_MAX_AGE", 0)))
    except EnvError as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}") from error
    database["HOST"] = _host(url) or database.get("HOST", "")
    database["CONN_HEALTH_CHECKS"] = bool(database.get("CONN_MAX_AGE"))
    options = database.setdefault("OPTIONS", {})
    if database["ENGINE"].endswith("sqlite3"):
        # A deferred transaction that turns into a writer fails at once with "database is locked"; one that
        # begins as a writer waits its turn.
        options.setdefault("transaction_mode", "IMMEDIATE")
        options.setdefault("timeout", 20)
    else:
        _add_postgresql_options(env, database=database, options=options)
    return database


def _add_postgresql_options(env: Env, *, database: dict[str, Any], options: dict[str, Any]) -> None:
    # PgBouncer in transaction mode can keep no cursor.
    is_pooled = env.bool("DISABLE_SERVER_SIDE_CURSORS", False)
    database["DISABLE_SERVER_SIDE_CURSORS"] = is_pooled
    # Readiness must answer quickly when the database's host swallows packets.
    options.setdefault("connect_timeout", env.int("DATABASE_CONNECT_TIMEOUT_S", 3))
    options.setdefault("tcp_user_timeout", UNACKNOWLEDGED_MS)
    limits = {name: env.int(variable, None) for name, variable in LIMIT_VARIABLES.items()}
    if is_pooled:
        _refuse_limits(limits)
        return
    for name, default in DEFAULT_LIMITS_MS.items():
        limit_ms = default if limits[name] is None else limits[name]
        options["options"] = f"{options.get('options', '')} -c {name}={limit_ms}".strip()


def _refuse_limits(limits: Mapping[str, int | None]) -> None:
    """Raise for a limit that PgBouncer would refuse as a start-up option, at the first request instead of here."""
    given = [LIMIT_VARIABLES[name] for name, limit_ms in limits.items() if limit_ms is not None]
    if given:
        raise ImproperlyConfigured(
            f"{' and '.join(given)} cannot be given with DISABLE_SERVER_SIDE_CURSORS: PgBouncer in transaction mode "
            "keeps no limit of a connection. Set the limits on the role with `manage.py limit_statements`, and unset "
            f"{'them' if len(given) > 1 else 'it'} here."
        )


def _host(url: str) -> str:
    """Return the decoded host of `url` in its own case: urlsplit() lowers it, and a socket's folder minds."""
    netloc = urlsplit(url).netloc.rpartition("@")[2]
    return "" if netloc.startswith("[") else unquote(netloc.partition(":")[0])
