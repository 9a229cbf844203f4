"""Functions that are slow on purpose, as those that derive a key from a password: they tell of their calls."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

# The functions that are slow on purpose, with the arguments that say how slow: place and name.
_SLOW: Final[Mapping[tuple[str, str], tuple[tuple[int, str], ...]]] = {
    ("hashlib", "pbkdf2_hmac"): ((3, "iterations"),),
    ("hashlib", "scrypt"): ((-1, "n"), (-1, "r"), (-1, "p")),
    ("bcrypt", "hashpw"): (),
    ("bcrypt", "checkpw"): (),
    ("bcrypt", "kdf"): ((3, "rounds"),),
    ("argon2.low_level", "hash_secret"): ((2, "time_cost"), (3, "memory_cost")),
    ("argon2.low_level", "hash_secret_raw"): ((2, "time_cost"), (3, "memory_cost")),
    ("argon2.low_level", "verify_secret"): (),
}
_Listener = Callable[[str, str, FrameType], None]
_listeners: Final[list[_Listener]] = []
_telling: Final[set[tuple[str, str]]] = set()


@contextmanager
def slow_calls(listener: _Listener) -> Iterator[None]:
    """Give the block's calls to `listener`: the function, what was asked for (never a password), and the caller."""
    _let_all_tell()
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def _let_all_tell() -> None:
    """Let each of the functions tell of its calls, as soon as its module is there, under every name that it has."""
    for module, name in _SLOW:
        if (module, name) not in _telling and hasattr(sys.modules.get(module), name):
            _telling.add((module, name))
            _let_tell(module, name)


def _let_tell(module: str, name: str) -> None:
    function = getattr(sys.modules[module], name)

    def telling(*arguments: Any, **named: Any) -> Any:
        if _listeners:
            costs = _costs(_SLOW[module, name], arguments, named)
            for listener in _listeners:
                listener(f"{module}.{name}", f"{module}.{name}({costs})", sys._getframe(1))  # noqa: SLF001  # the documented way to a frame
        return function(*arguments, **named)

    for one in list(sys.modules.values()):
        own = getattr(one, "__dict__", {})
        for key in [key for key, value in own.items() if value is function]:
            own[key] = telling


def _costs(places: tuple[tuple[int, str], ...], arguments: tuple[Any, ...], named: Mapping[str, Any]) -> str:
    """Say how slow the call is; never a password."""
    found = {name: named.get(name, arguments[place] if 0 <= place < len(arguments) else None) for place, name in places}
    return ", ".join(f"{name}={value}" for name, value in found.items() if value is not None)
