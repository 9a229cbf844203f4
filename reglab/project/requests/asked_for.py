"""Names of query parameters and headers that code asks for, and that a request does not have."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from unittest import mock

from django.http import QueryDict
from django.http.request import HttpHeaders

from reglab.project.source_lines import ProjectFrames

_NAMES_MAX: Final = 12
_METHODS: Final = ("__getitem__", "__contains__", "get", "getlist")
# They decide how the body is read, not what is done with it.
_OF_THE_PROTOCOL: Final = frozenset(
    {"accept", "accept-encoding", "authorization", "content-length", "content-type", "cookie", "host", "origin"}
)


class AskedFor:
    """The names that were asked for inside the block in vain, in their order.

    With `frames`, parameters alone that the project's own code asks for, not a library's.
    """

    def __init__(self, *, frames: ProjectFrames | None = None) -> None:
        self._frames = frames
        self._parameters: dict[str, None] = {}
        self._headers: dict[str, None] = {}

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of query parameters, the first few."""
        return tuple(self._parameters)[:_NAMES_MAX]

    @property
    def headers(self) -> tuple[str, ...]:
        """Names of headers, the first few."""
        return tuple(self._headers)[:_NAMES_MAX]

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note what code asks for."""
        with ExitStack() as stack:
            for method in _METHODS:
                stack.enter_context(mock.patch.object(QueryDict, method, self._noting(getattr(QueryDict, method))))
            found = HttpHeaders.__getitem__

            def noted_header(headers: HttpHeaders, name: str) -> str:
                known = _OF_THE_PROTOCOL | _names(headers)
                if isinstance(name, str) and name.lower() not in known:
                    self._headers.setdefault(name)
                return str(found(headers, name))

            stack.enter_context(mock.patch.object(HttpHeaders, "__getitem__", noted_header))
            yield

    def _is_wanted(self) -> bool:
        return self._frames is None or self._frames.is_project(sys._getframe(2).f_code.co_filename)  # noqa: SLF001

    def _noting(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def noted(query: QueryDict, name: Any, *others: Any, **named: Any) -> Any:
            if isinstance(name, str) and name and not dict.__contains__(query, name) and self._is_wanted():
                self._parameters.setdefault(name)
            return method(query, name, *others, **named)

        return noted


def _names(headers: HttpHeaders) -> set[str]:
    return {name.lower() for name in headers}
