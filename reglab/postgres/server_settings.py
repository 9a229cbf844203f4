"""The server's named settings: for measuring, for load that resembles production, for development."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

_SHARED_MEMORY: Final = "/dev/shm"  # noqa: S108  # where POSIX shared memory lies on Linux; no file of ours
_SHARED_MEMORY_BYTES_MIN: Final = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """A named set of `postgresql.conf` values, given on the server's command line, where nothing overrides them."""

    name: str
    values: Mapping[str, str]

    @property
    def is_durable(self) -> bool:
        """Whether what was committed survives a crash of the machine."""
        return self.values["fsync"] == "on"

    def with_values(self, **values: str) -> "ServerSettings":
        """Give a copy with some values changed or added."""
        return replace(self, values={**self.values, **values})

    def arguments(self) -> list[str]:
        """Give the values as arguments of `postgres`."""
        values = {"dynamic_shared_memory_type": shared_memory_kind(), **self.values}
        return [argument for key, value in values.items() for argument in ("-c", f"{key}={value}")]


_COMMON = {
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track": "all",  # statements inside functions and triggers too
    "track_functions": "all",  # a trigger's calls are counted, whatever its language
    # Solid-state disks: PostgreSQL's default of 4 dates from spinning ones and turns plans away from indexes.
    "random_page_cost": "1.1",
    "max_connections": "100",
    # After a crash of any of its processes the server would begin anew by itself, counters and caches lost, and a
    # command could end well that has measured half of its work on another server.
    "restart_after_crash": "off",
}


def shared_memory_kind() -> str:
    """Return where the server's processes share memory: /dev/shm, or files where a container has next to none of it."""
    try:
        is_roomy = shutil.disk_usage(_SHARED_MEMORY).free >= _SHARED_MEMORY_BYTES_MIN
    except OSError:
        is_roomy = False
    return "posix" if is_roomy and os.access(_SHARED_MEMORY, os.W_OK) else "mmap"


# Same statements, same work: nothing runs beside them, nothing is decided by the machine's size or speed.
MEASURING = ServerSettings(
    name="measuring",
    values={
        **_COMMON,
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "autovacuum": "off",
        "jit": "off",
        "max_parallel_workers_per_gather": "0",
        "max_parallel_maintenance_workers": "0",
        "synchronize_seqscans": "off",  # a scan starts at the first block, whoever scanned before
        "bgwriter_lru_maxpages": "0",  # only the statement itself writes buffers out
        "checkpoint_timeout": "1d",
        "max_wal_size": "4GB",
        "shared_buffers": "128MB",
        "effective_cache_size": "512MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "64MB",
        "track_io_timing": "off",  # reads the clock around each block
    },
)

# Durability and upkeep cost what they cost in production.
PRODUCTION_LIKE = ServerSettings(
    name="production-like",
    values={
        **_COMMON,
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "autovacuum": "on",
        "shared_buffers": "256MB",
        "effective_cache_size": "768MB",
        "track_io_timing": "on",
    },
)

# As production, on a machine that does other things too.
DEVELOPMENT = replace(PRODUCTION_LIKE, name="development").with_values(
    shared_buffers="32MB", effective_cache_size="256MB"
)

PROFILES = {settings.name: settings for settings in (MEASURING, PRODUCTION_LIKE, DEVELOPMENT)}
