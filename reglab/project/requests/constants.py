"""Constants of modules that a scenario sets otherwise: what lies beyond a limit is reached with few rows."""

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from types import ModuleType
from typing import Any, Final

from reglab.errors import AuditError

_NOTHING: Final = object()
_lock: Final = Lock()
# By module and name: how many requests have it set now, and what it was before. They may overlap in a race.
_set: Final[dict[tuple[str, str], tuple[int, Any]]] = {}


@contextmanager
def constants_set(values: Mapping[str, Any]) -> Iterator[None]:
    """Set each "package.module.NAME" for the time of the block. Raises AuditError where there is none of the name."""
    names = [(_module_of(path), path.rpartition(".")[2], value) for path, value in values.items()]
    with _lock:
        for module, name, value in names:
            held, before = _set.get((module.__name__, name), (0, getattr(module, name, _NOTHING)))
            if before is _NOTHING:
                raise AuditError(f"a scenario sets {module.__name__}.{name}, and there is none: mend its `constants`")
            _set[module.__name__, name] = (held + 1, before)
            setattr(module, name, value)
    try:
        yield
    finally:
        with _lock:
            for module, name, _ in names:
                held, before = _set.pop((module.__name__, name))
                if held > 1:
                    _set[module.__name__, name] = (held - 1, before)
                else:
                    setattr(module, name, before)


def _module_of(path: str) -> ModuleType:
    module = path.rpartition(".")[0]
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise AuditError(
            f"a scenario sets {path}, and {module} cannot be imported: {error}; mend its `constants`"
        ) from error
