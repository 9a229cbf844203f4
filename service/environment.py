"""Environment variables that the settings read, with one clear sentence for each mistake."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError

NAMES = ("development", "test", "staging", "production")
# Published with the source, so worth nothing: only the two open environments ever use it.
OPEN_SECRET_KEY = "open-environments-only-" + "0123456789" * 4
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
    # PgBouncer in transaction mode can keep neither a cursor nor a start-up option.
    database["DISABLE_SERVER_SIDE_CURSORS"] = env.bool("DISABLE_SERVER_SIDE_CURSORS", False)
    # Readiness must answer quickly when the database's host swallows packets.
    options.setdefault("connect_timeout", env.int("DATABASE_CONNECT_TIMEOUT_S", 3))
    statement_timeout_ms = env.int("STATEMENT_TIMEOUT_MS", 0)
    if statement_timeout_ms:
        options["options"] = f"{options.get('options', '')} -c statement_timeout={statement_timeout_ms}".strip()


def _host(url: str) -> str:
    """Return the decoded host of `url` in its own case: urlsplit() lowers it, and a socket's folder minds."""
    netloc = urlsplit(url).netloc.rpartition("@")[2]
    return "" if netloc.startswith("[") else unquote(netloc.partition(":")[0])
