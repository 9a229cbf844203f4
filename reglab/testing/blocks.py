"""Blocks that a test has to enter: one that was made and never entered counted nothing, and is an error."""

import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import wraps
from types import TracebackType
from typing import Any, Generic, TypeVar

Yielded = TypeVar("Yielded")


class NeverEnteredError(AssertionError):
    """A block was made and nothing ever ran in it."""


class Block(Generic[Yielded]):
    """A block of a `with`, and a decorator of plain functions; made anew each time that it is entered.

    `told` is how a test wrote it: "query_budget(3)".
    """

    def __init__(self, make: Callable[[], AbstractContextManager[Yielded]], *, told: str) -> None:
        self._make = make
        self.told = told
        self.is_used = False
        self._open: list[AbstractContextManager[Yielded]] = []

    def __enter__(self) -> Yielded:
        self.is_used = True
        block = self._make()
        entered = block.__enter__()
        self._open.append(block)
        return entered

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._open.pop().__exit__(kind, error, trace)

    async def __aenter__(self) -> Yielded:
        raise TypeError(f"{self.told} is a plain block: write `with {self.told}:`, without `async`")

    async def __aexit__(self, *_: object) -> None:
        """Never reached; `async with` asks for it before it enters."""

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Decorate a function. Raises TypeError for one whose body runs after the block has been left."""
        self.is_used = True
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                f"@{self.told} cannot follow the coroutine {function.__name__!r}: its body runs after the block; "
                "decorate a plain function, which calls it with asgiref.sync.async_to_sync"
            )
        if inspect.isgeneratorfunction(function):
            raise TypeError(
                f"@{self.told} cannot follow the generator {function.__name__!r}: its body runs after the block; "
                f"write `with {self.told}:` inside of it"
            )

        @wraps(function)
        def counted(*arguments: Any, **named: Any) -> Any:
            with self:
                return function(*arguments, **named)

        return counted


@dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks that one test has made."""

    made: list[Block[Any]] = field(default_factory=list)

    def add(self, block: Block[Yielded]) -> Block[Yielded]:
        """Remember a block, and return it."""
        self.made.append(block)
        return block

    def refuse_unused(self) -> None:
        """Raise NeverEnteredError for the first block that nothing ran in."""
        for block in self.made:
            if not block.is_used:
                raise NeverEnteredError(f"{block.told} counted nothing: it is a block; write `with {block.told}:`")


def told_call(name: str, *values: object, **named: object) -> str:
    """Return a call as a test wrote it, without what is left at its default."""
    # By identity: to a number of inline-snapshot each comparison is an expectation.
    given = {key: value for key, value in named.items() if value is not None and not isinstance(value, str)}
    given |= {key: value for key, value in named.items() if isinstance(value, str) and value}
    words = [repr(value) for value in values] + [f"{key}={value!r}" for key, value in given.items()]
    return f"{name}({', '.join(words)})"
