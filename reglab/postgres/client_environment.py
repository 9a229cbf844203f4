"""Variables of libpq that would change our own connections: out of the environment while a server of our own runs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# https://www.postgresql.org/docs/current/libpq-envars.html, but for those that our URLs spell out (host, port, user,
# database) and those that only an alias on another server may ask for (password, certificates).
_CHANGING: Final = frozenset(
    f"PG{name}"
    for name in (
        *("APPNAME", "CHANNELBINDING", "CLIENTENCODING", "CONNECT_TIMEOUT", "DATESTYLE", "GEQO", "GSSDELEGATION"),
        *("GSSENCMODE", "GSSLIB", "HOSTADDR", "KRBSRVNAME", "LOADBALANCEHOSTS", "LOCALEDIR", "MAXPROTOCOLVERSION"),
        *("MINPROTOCOLVERSION", "OPTIONS", "REQUIREAUTH", "REQUIREPEER", "SERVICE", "SERVICEFILE"),
        *("SSLNEGOTIATION", "TARGETSESSIONATTRS", "TZ"),
    )
)
# A Unix socket knows no encryption and ignores these; our own TCP port has none either and would be refused.
_CHANGING_TCP: Final = frozenset({"PGREQUIRESSL", "PGSSLCERTMODE", "PGSSLMODE"})


def changing_variables(*, tcp: bool = False) -> list[str]:
    """Return the variables that are set and would change a connection to our own server."""
    return sorted(name for name in _CHANGING | (_CHANGING_TCP if tcp else frozenset()) if name in os.environ)


@contextmanager
def own_clients(*, tcp: bool = False) -> Iterator[None]:
    """Leave those variables out of this process and of its children during the block."""
    left_out = {name: os.environ.pop(name) for name in changing_variables(tcp=tcp)}
    try:
        yield
    finally:
        os.environ.update(left_out)
