"""A name for the user id that runs initdb, which looks it up and refuses to go on without one.

Containers run as ids that no /etc/passwd knows. Three ways, the first that works: the system's own entry, the library
nss_wrapper with a passwd of ours, a user namespace in which we are somebody whom the system knows.
"""

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from reglab.errors import ServerError
from reglab.postgres.account.server_user import Account, own_namespace, uid_with_a_name

_LIBRARY: Final = "libnss_wrapper.so"
_LIBRARY_PLACES: Final = ("usr/lib", "usr/lib64", "usr/local/lib", "usr/lib/*-linux-gnu", "lib64")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An account under which initdb finds its own name, and the variables that this takes."""

    account: Account
    variables: Mapping[str, str] = field(default_factory=dict)


def named(account: Account, *, folder: Path) -> Named:
    """Give the account a name; files that this takes are written into `folder`. Raises ServerError."""
    if account.namespace_uid is not None or _has_name(account.uid):
        return Named(account=account)
    if library := _library():
        return Named(account=account, variables=_wrapped(account, library, folder))
    uid = uid_with_a_name()
    if uid is not None and (namespaced := own_namespace(uid)):
        return Named(account=namespaced)
    raise ServerError(
        f"user id {account.uid} has no name in /etc/passwd, and PostgreSQL's initdb needs one: add it (where that file "
        f"can be written: `echo 'ci:x:{account.uid}:{account.gid}::/tmp:/bin/sh' >> /etc/passwd`; in a Dockerfile: "
        f"`RUN useradd --uid {account.uid} ci`), or install libnss-wrapper, or set DATABASE_URL to a server that runs "
        "elsewhere"
    )


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _library() -> Path | None:
    found = (path for place in _LIBRARY_PLACES for path in Path("/").glob(f"{place}/{_LIBRARY}"))
    return next((path for path in found if path.is_file()), None)


def _wrapped(account: Account, library: Path, folder: Path) -> dict[str, str]:
    passwd, group = folder / "passwd", folder / "group"
    passwd.write_text(f"reglab:x:{account.uid}:{account.gid}::{os.sep}:/bin/sh\n", encoding="ascii")
    group.write_text(f"reglab:x:{account.gid}:\n", encoding="ascii")
    return {"LD_PRELOAD": str(library), "NSS_WRAPPER_PASSWD": str(passwd), "NSS_WRAPPER_GROUP": str(group)}
